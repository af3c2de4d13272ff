import { join, resolve } from 'node:path';
import { bootstrap, type Party, type PartyFiles, partyFiles } from '@sealtrack/authority/bootstrap';
import { ensureRedisPasswords, type RedisPasswordFiles } from '@sealtrack/authority/redis-passwords';
import { CLI_PARTIES, type CliParty } from '@sealtrack/cli/current-system';
import { AppError } from '@sealtrack/errors/app-error';
import type { ServerTls } from '@sealtrack/local-servers/local-server';
import { openTls } from '@sealtrack/tls/open-tls';
import { PLAINTEXT, type TlsLog, type Transport } from '@sealtrack/tls/tls';

/** How the parts of one system connect to each other, and how others connect to them. Disposed with the system. */
export interface Connections extends Disposable {
  /** What a party proves itself with; undefined in plaintext. */
  filesOf(party: Party): PartyFiles | undefined;
  /** What commands connect with, by the party whose role each takes; undefined in plaintext. */
  commandFiles(): Readonly<Record<CliParty, PartyFiles>> | undefined;
  /** Connects as a party does. The same object each time. */
  transportOf(party: Party): Promise<Transport>;
  /** What a server of the system itself shows, and whom it believes; undefined in plaintext. */
  serverTls(server: 'nats' | 'redis'): ServerTls | undefined;
  /** Files with the password of each user of Redis; undefined in plaintext, where everybody may do everything. */
  readonly redisPasswords: RedisPasswordFiles | undefined;
}

export interface ConnectionsOptions {
  /** Of the system. In it are `tls`, the development CA and a certificate for each party, and `keys`, with passwords. */
  readonly dir: string;
  readonly transport?: typeof PLAINTEXT | undefined;
  /** Further files of CAs that every party trusts, for servers that somebody else runs. */
  readonly trustedCas?: readonly string[] | undefined;
}

/** Makes what is missing of a development CA, unless plaintext is asked for. */
export async function openConnections(options: ConnectionsOptions): Promise<Connections> {
  const { dir, transport, trustedCas = [] } = options;
  if (transport === PLAINTEXT)
    return {
      filesOf: () => undefined,
      commandFiles: () => undefined,
      transportOf: async () => PLAINTEXT,
      serverTls: () => undefined,
      redisPasswords: undefined,
      [Symbol.dispose]: () => {},
    };
  const tlsDir = join(dir, 'tls');
  const [redisPasswords] = await Promise.all([
    ensureRedisPasswords(join(dir, 'keys')),
    bootstrap({ dir: tlsDir }),
  ]);
  const stack = new DisposableStack();
  const opened = new Map<Party, Promise<Transport>>();
  const filesOf = (party: Party): PartyFiles => {
    const files = partyFiles(tlsDir, party);
    return { ...files, trustedCa: [files.trustedCa, ...trustedCas].join(',') };
  };
  const open = async (party: Party): Promise<Transport> =>
    stack.use(await openTls(settingsOf(filesOf(party)), SILENT));
  return {
    filesOf,
    commandFiles: () => {
      const files = CLI_PARTIES.map((party) => [party, filesOf(party)]);
      return Object.fromEntries(files) as Record<CliParty, PartyFiles>;
    },
    // Nobody comes to them with a certificate of somebody else's CA.
    serverTls: (server) => ({ ...partyFiles(tlsDir, server), probe: partyFiles(tlsDir, 'administrator') }),
    redisPasswords,
    transportOf: (party) => {
      const known = opened.get(party) ?? open(party);
      opened.set(party, known);
      return known;
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

/** What fails is in the error of whoever connects. */
const SILENT: TlsLog = { info: () => {}, warn: () => {}, error: () => {} };

const settingsOf = ({ certificate, certificateKey, trustedCa }: PartyFiles) => ({
  certificateFile: certificate,
  certificateKeyFile: certificateKey,
  trustedCaFiles: trustedCa.split(','),
  crlFiles: [],
  clients: 'mutual' as const,
  targetNameCheck: true,
  minVersion: 'TLSv1.2' as const,
});

/** The settings SEALTRACK_TLS_… of a process that is one party. */
export const tlsVariables = (files: PartyFiles | undefined): Record<string, string> =>
  files === undefined
    ? { SEALTRACK_TLS: 'off' }
    : {
        SEALTRACK_TLS_CERTIFICATE: files.certificate,
        SEALTRACK_TLS_CERTIFICATE_KEY: files.certificateKey,
        SEALTRACK_TLS_TRUSTED_CA: files.trustedCa,
      };

/**
 * How `npm start` and the demo connect, as their environment asks: secured, unless SEALTRACK_TLS is off. Servers that somebody else runs
 * prove themselves by a CA of their own, which has to be named. Throws CONFIG_INVALID.
 */
export function askedConnections(
  env: NodeJS.ProcessEnv,
): Pick<ConnectionsOptions, 'transport' | 'trustedCas'> {
  if (env.SEALTRACK_TLS === 'off') return { transport: PLAINTEXT };
  if (env.SEALTRACK_TLS !== undefined && !['', 'on'].includes(env.SEALTRACK_TLS))
    throw new AppError('CONFIG_INVALID', 'SEALTRACK_TLS is neither on nor off', {
      fix: 'Unset it, or set it to off for plaintext.',
    });
  const foreign = ['SEALTRACK_NATS_URL', 'SEALTRACK_REDIS_URL'].filter((name) => env[name]);
  if (foreign.length === 0) return {};
  const trustedCas = (env.SEALTRACK_TLS_TRUSTED_CA ?? '').split(',').filter((file) => file.trim() !== '');
  if (trustedCas.length > 0) return { trustedCas: trustedCas.map((file) => resolve(file.trim())) };
  throw new AppError(
    'CONFIG_INVALID',
    `Nothing says by which CA the server of ${foreign.join(' and of ')} proves itself`,
    {
      fix: 'Name the file of their CA in SEALTRACK_TLS_TRUSTED_CA, and have them trust tls/trusted_ca.pem of the data folder; or unset the URL to get servers of your own; or, for plaintext everywhere, set SEALTRACK_TLS=off.',
    },
  );
}
