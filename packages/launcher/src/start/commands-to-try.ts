import type { CliParty, CurrentSystem } from '@sealtrack/cli/current-system';
import { tlsVariables } from '../connections.ts';
import type { System } from '../system.ts';

export interface Situation {
  readonly system: Pick<CurrentSystem, 'addresses' | 'natsUrl'> & Pick<System, 'playbackUrl'>;
  /** The file of the key that makes tickets. */
  readonly ticketKey: string;
  /** What each party connects with; undefined in plaintext. */
  readonly tls: CurrentSystem['tls'];
  /** Commands find another system by themselves, so they have to be told of this one, and as whom to connect. */
  readonly isHidden: boolean;
  /** A profile that has a certificate, from an earlier run. */
  readonly readyProfile: string | undefined;
  /** The file of its private key, where that is known. */
  readonly readyKey?: string | undefined;
  /** A recording to put in. */
  readonly sample: string;
  /** An id that no recording has. */
  readonly recordingId: string;
}

/** Lines for another terminal, in an order in which all of them work as they are. */
export function commandsToTry(situation: Situation): string[] {
  const { sample, recordingId, readyProfile, isHidden } = situation;
  // Without a ready profile the key is where the first run's commands were tried.
  const key = readyProfile === undefined ? 'tenant.key' : situation.readyKey;
  const as = (party: CliParty, command: string) =>
    isHidden ? `${asParty(situation, party)}${command}` : command;
  const profile = readyProfile ?? '101';
  const call = shellWord(sample);
  return [
    ...(isHidden ? tellAddresses(situation) : []),
    ...(readyProfile === undefined ? setUp(profile) : []),
    as('pipeline', `npx sealtrack recordings put ${call} --profile ${profile} --id ${recordingId}`),
    'npx sealtrack recordings list',
    as('player', `npx sealtrack recordings get ${recordingId} --out ${recordingId}.wav`),
    `npx sealtrack tickets create --issuer local --key ${shellWord(situation.ticketKey)} --recording ${recordingId} --playback-url ${situation.system.playbackUrl}`,
    as('player', `npx sealtrack recordings splice ${recordingId} --out ${recordingId}.p7m`),
    ...(key === undefined
      ? []
      : [
          `openssl smime -decrypt -inform DER -in ${recordingId}.p7m -inkey ${shellWord(key)} | cmp - ${call} && echo same`,
        ]),
    'npx sealtrack events tail --from-start',
    'npx sealtrack doctor',
  ];
}

const setUp = (profile: string): string[] => [
  'openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj "/CN=Recordings" -addext basicConstraints=critical,CA:FALSE -keyout tenant.key -out tenant.pem',
  'npx sealtrack certificates import --cert tenant.pem --key tenant.key --alias recordings',
  `npx sealtrack profiles create ${profile} --name "Sales"`,
  `npx sealtrack profiles assign ${profile} recordings`,
];

/** Of one command, in front of it: everything else is as the administrator, which has no business with recordings. */
const asParty = ({ tls }: Situation, party: CliParty): string =>
  tls === undefined
    ? ''
    : `SEALTRACK_TLS_CERTIFICATE=${shellWord(tls[party].certificate)} SEALTRACK_TLS_CERTIFICATE_KEY=${shellWord(tls[party].certificateKey)} `;

const tellAddresses = ({ system: { addresses, natsUrl }, tls }: Situation): string[] => [
  `export SEALTRACK_INGEST_ADDRESS=${addresses.ingest} SEALTRACK_RECORDINGS_ADDRESS=${addresses.recordings}`,
  `export SEALTRACK_CRYPTO_ADDRESS=${addresses.crypto} SEALTRACK_PROFILES_ADDRESS=${addresses.profiles}`,
  `export SEALTRACK_NATS_URL=${natsUrl}`,
  ...Object.entries(tlsVariables(tls?.administrator)).map(
    ([name, value]) => `export ${name}=${shellWord(value)}`,
  ),
];

const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
