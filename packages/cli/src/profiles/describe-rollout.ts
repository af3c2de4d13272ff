import {
  type EncryptorRollout,
  type GetRolloutResponse,
  EncryptorRollout_State as State,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { printable, table } from '../output.ts';

const NAMES: Readonly<Record<string, string>> = {
  [State.APPLIED]: 'applied',
  [State.PENDING]: 'pending',
  [State.REFUSED]: 'refused',
  [State.SILENT]: 'silent',
};

export const stateName = (state: State): string => NAMES[state] ?? 'unknown';

export const isRolledOut = ({ encryptors }: GetRolloutResponse): boolean =>
  encryptors.length > 0 && encryptors.every(({ state }) => state === State.APPLIED);

/** For people: a row an encryptor, and below it what that comes to. */
export function describeRollout(rollout: GetRolloutResponse, now: Date): string {
  const { encryptors } = rollout;
  if (encryptors.length === 0)
    return 'No encryptor has said anything within the last minute. See whether any runs: sealtrack doctor';
  const rows = encryptors.map((each) => [
    each.instance,
    stateName(each.state),
    String(each.revision),
    said(each, now),
    why(each, now),
  ]);
  const steps = new Set(encryptors.flatMap(({ refused }) => refused.map(({ nextStep }) => nextStep)));
  return [
    table(['INSTANCE', 'STATE', 'REVISION', 'SAID', 'WHY'], rows),
    '',
    summary(rollout),
    ...[...steps].filter(Boolean).map((step) => `fix: ${printable(step)}`),
  ].join('\n');
}

/** What comes to an encryptor that runs well is a few seconds old at most. */
const FRESH_MS = 15_000;

function why(encryptor: EncryptorRollout, now: Date): string {
  const { state, reportedAt, currentAt } = encryptor;
  const reasons: string[] = [];
  if (state === State.REFUSED) reasons.push(refusals(encryptor));
  if (state === State.PENDING) reasons.push('runs an older revision');
  if (state === State.UNSPECIFIED) reasons.push('refuses more than it can name: see its log');
  if (state === State.SILENT)
    reasons.push(
      reportedAt === undefined
        ? 'does not say when it reported'
        : `has said nothing for ${age(reportedAt, now)}: it is gone, or cut off`,
    );
  // Both by its own clock, whatever that says.
  if (reportedAt !== undefined && currentAt !== undefined && +reportedAt - +currentAt > FRESH_MS)
    reasons.push(`cut off: what it runs on is ${age(currentAt, reportedAt)} old`);
  return reasons.join('; ');
}

const refusals = ({ refused }: EncryptorRollout): string =>
  refused
    .map(({ certificateId, message, reason }) => {
      const what = certificateId === '' ? '' : `certificate ${certificateId.slice(0, 8)}: `;
      return `${what}${(message || reason).replace(/\.$/, '')}`;
    })
    .join('; ');

function summary({ revision, encryptors }: GetRolloutResponse): string {
  const inState = (state: State) => encryptors.filter((each) => each.state === state);
  const [applied, refused] = [inState(State.APPLIED).length, inState(State.REFUSED)];
  const of = encryptors.length;
  const parts =
    applied === of
      ? [
          of === 1
            ? `The encryptor runs revision ${revision}`
            : `All ${of} encryptors run revision ${revision}`,
        ]
      : [`${applied} of ${of} encryptors run revision ${revision}`];
  if (refused.length > 0) {
    const reasons = refused.map((each) => `${each.instance}: ${refusals(each)}`).join(' | ');
    parts.push(`${refused.length} refused ${isPartial(refused) ? 'a certificate of it' : 'it'}: ${reasons}`);
  }
  const [pending, silent, unknown] = [State.PENDING, State.SILENT, State.UNSPECIFIED].map(
    (state) => inState(state).length,
  );
  if (pending) parts.push(`${pending} not yet`);
  if (silent) parts.push(`${silent} silent`);
  if (unknown) parts.push(`${unknown} unknown`);
  return printable(`${parts.join('; ')}.`);
}

/** What is left of the entry is in use then. */
const isPartial = (encryptors: readonly EncryptorRollout[]): boolean =>
  encryptors.every(({ refused }) => refused.every(({ certificateId }) => certificateId !== ''));

const said = ({ reportedAt }: EncryptorRollout, now: Date): string =>
  reportedAt === undefined ? '-' : `${age(reportedAt, now)} ago`;

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** Of clocks that differ a little: never less than nothing. */
function age(from: Date, to: Date): string {
  const seconds = Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1000));
  const [unit, size] = UNITS.find(([, each]) => seconds >= 2 * each) ?? ['s', 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}
