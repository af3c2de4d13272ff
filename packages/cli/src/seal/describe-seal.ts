import { type SealStatus, SealStatus_State } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import { printable } from '../output.ts';
import { formatTime } from '../units.ts';

const STATES: Readonly<Partial<Record<SealStatus_State, SealState>>> = {
  [SealStatus_State.UNINITIALIZED]: 'uninitialized',
  [SealStatus_State.SEALED]: 'sealed',
  [SealStatus_State.OPEN]: 'open',
};

export type SealState = 'uninitialized' | 'sealed' | 'open' | 'unknown';
export type SealView = ReturnType<typeof toView>;

/** The same facts for programs. */
export function toView(status: SealStatus) {
  const { provider, shares, threshold, given, newThreshold, newGiven } = status;
  const { rootId, unsealKeyId, kekNumber, rotationStartedAt } = status;
  return {
    state: STATES[status.state] ?? ('unknown' as const),
    ...{ provider, shares, threshold, given, newThreshold, newGiven, rootId, unsealKeyId, kekNumber },
    rotationStartedAt: rotationStartedAt ?? null,
  };
}

/** Whether there is a share to give: it is sealed, or new ones wait for their proof. */
export const waitsForShares = (view: SealView): boolean =>
  (view.state === 'sealed' && view.threshold > 0) || view.newThreshold > 0;

/** "2 of 3 shares", of those that are waited for. */
export const givenOf = (view: SealView): string =>
  view.newThreshold > 0
    ? `${view.newGiven} of ${view.newThreshold} new shares`
    : `${view.given} of ${view.threshold} shares`;

export function describeSeal(view: SealView): string {
  const rows: readonly (readonly [string, string])[] = [
    ['seal', view.state],
    ['opened by', openedBy(view)],
    ['root key', view.rootId],
    ['unseal key', view.unsealKeyId],
    ['key-encryption key', view.kekNumber === 0 ? '' : `number ${view.kekNumber}`],
    ['given', waitsForShares(view) ? givenOf(view) : ''],
    ['rotation', rotationOf(view)],
  ];
  const lines = rows
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name.padEnd(20)}${printable(text)}`);
  const next = nextStep(view);
  return [...lines, ...(next === undefined ? [] : [`Next: ${next}`])].join('\n');
}

const PROVIDERS: Readonly<Record<string, string>> = {
  key: 'an unseal key',
  shamir: 'shares that people hold',
};

const openedBy = ({ provider, shares, threshold }: SealView): string =>
  threshold > 0 ? `any ${threshold} of ${shares} shares` : (PROVIDERS[provider] ?? provider);

const rotationOf = ({ rotationStartedAt }: SealView): string =>
  rotationStartedAt === null ? '' : `not finished, began ${formatTime(rotationStartedAt)}`;

/** What an operator does about it; undefined when nothing is to be done. */
export function nextStep(view: SealView): string | undefined {
  if (view.state === 'uninitialized') return firstStep(view);
  if (waitsForShares(view)) return 'sealtrack unseal';
  if (view.state === 'sealed' && view.provider === 'shamir')
    return 'set SEALTRACK_UNSEAL_WITH as it was when the keyring was made; its log says how';
  if (view.state === 'sealed')
    return 'give the crypto server its unseal key, or the one before as the previous one; its log says which';
  return view.rotationStartedAt === null ? undefined : 'sealtrack seal rotate';
}

/** A server with a key makes its keyring by itself, unless something keeps it from that. */
const firstStep = ({ provider }: SealView): string =>
  provider === 'shamir'
    ? 'sealtrack seal init --shares 5 --threshold 3; or, if Redis lost its data, sealtrack keys restore --from-backup-folder'
    : 'look into its log; if Redis lost its data: sealtrack keys restore --from-backup-folder';
