import { randomBytes } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { combine, split } from 'shamir-secret-sharing';
import { KEY_BYTES, type NamedKey, nameKey } from './named-key.ts';
import { invalid, readShareText, type Share, toShareText } from './share-text.ts';
import {
  otherProvider,
  type Split,
  type UnsealProvider,
  type UnsealShares,
  type WrappedRoot,
} from './unseal-provider.ts';
import { unwrapRoot, wrapRoot } from './wrapped-key.ts';

export interface ShamirProviderOptions {
  /** Runs `work` after so many milliseconds, unless what it returns is called before. */
  readonly after?: (ms: number, work: () => void) => () => void;
}

const SHARES_ARE_HELD_MS = 10 * 60 * 1000;
export const MAX_SHARES = 16;
/** The key in force, and the one that is about to be. */
const KEYS_HELD = 2;

/** What a share says which set it is of. */
export const setOf = ({ keyId }: WrappedRoot): string => keyId.slice(0, 8);

/**
 * The root key lies under a key that people hold shares of (Shamir, GF(2⁸)). Once it was put together the key is held until
 * `forget`, so that a new root key can be wrapped under it, and one that another server made be opened.
 */
export function createShamirProvider({ after = unrefTimeout }: ShamirProviderOptions = {}): UnsealProvider & {
  readonly shares: UnsealShares;
} {
  const keys = new Map<string, NamedKey>();
  const given = new Map<string, Uint8Array[]>();
  let cancel = () => {};

  const wipe = () => {
    cancel();
    for (const shares of given.values()) for (const share of shares) share.fill(0);
    given.clear();
  };

  const hold = (set: WrappedRoot, { bytes }: Share) => {
    const shares = given.get(set.keyId) ?? [];
    if (shares.some((share) => Buffer.compare(share, bytes) === 0)) bytes.fill(0);
    else given.set(set.keyId, [...shares, bytes]);
    cancel();
    cancel = after(SHARES_ARE_HELD_MS, wipe);
  };

  const putTogether = async (set: WrappedRoot): Promise<void> => {
    const key = await combined(given.get(set.keyId) ?? []).finally(wipe);
    if (key?.id !== set.keyId)
      throw invalid(
        'it is of the right set, but together the shares given do not open it. All of them were dropped',
        'Give all shares again. If it happens again, one of them was forged: try others.',
      );
    keys.delete(key.id);
    keys.set(key.id, key);
    for (const id of [...keys.keys()].slice(0, -KEYS_HELD)) keys.delete(id);
  };

  const keyOf = (wrapped: WrappedRoot | undefined): NamedKey => {
    if (wrapped !== undefined && wrapped.provider !== 'shamir') throw otherProvider('shamir', wrapped);
    const key = keys.get(wrapped?.keyId ?? '');
    if (key === undefined) throw sharesMissing(wrapped);
    return key;
  };

  return {
    kind: 'shamir',
    async wrap(root, like) {
      const key = keyOf(like);
      return { ...like, provider: 'shamir', keyId: key.id, blob: await wrapRoot(root, key) };
    },
    unwrap: async (wrapped) => await unwrapRoot(wrapped.blob, keyOf(wrapped)),
    isCurrent: (wrapped) => wrapped.provider === 'shamir' && keys.has(wrapped.keyId),
    forget() {
      wipe();
      keys.clear();
    },
    shares: {
      create: createShares,
      async give(text, sets) {
        for (const set of sets) if (set.provider !== 'shamir') throw otherProvider('shamir', set);
        const share = readShareText(text);
        const set = sets.find((candidate) => setOf(candidate) === share.set);
        if (set?.shares === undefined) {
          share.bytes.fill(0);
          throw otherSet(share.set, sets);
        }
        for (const keyId of given.keys()) if (!sets.some((known) => known.keyId === keyId)) wipe();
        hold(set, share);
        if ((given.get(set.keyId)?.length ?? 0) < set.shares.threshold) return { set, complete: false };
        await putTogether(set);
        return { set, complete: true };
      },
      given: (set) => given.get(set.keyId)?.length ?? 0,
    },
  };
}

async function createShares(root: Buffer, { total, threshold }: Split) {
  if (
    ![total, threshold].every(Number.isSafeInteger) ||
    !(2 <= threshold && threshold <= total && total <= MAX_SHARES)
  )
    throw new AppError('INVALID_ARGUMENT', 'A key cannot be split like this', {
      fix: `Ask for 2 to ${MAX_SHARES} shares, of which at least 2 and at most all open the keyring.`,
      details: { field: 'threshold' },
    });
  const bytes = randomBytes(KEY_BYTES);
  // A view: the library takes a Uint8Array and no Buffer.
  const parts = await split(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), total, threshold);
  try {
    const key = nameKey('unseal key', bytes);
    const shares = { total, threshold };
    const wrapped = { provider: 'shamir', keyId: key.id, blob: await wrapRoot(root, key), shares } as const;
    return { wrapped, shares: parts.map((part) => toShareText({ set: setOf(wrapped), bytes: part })) };
  } finally {
    bytes.fill(0);
    for (const part of parts) part.fill(0);
  }
}

/** What shares make, right or wrong; undefined for two that cannot be of one key. */
async function combined(shares: Uint8Array[]): Promise<NamedKey | undefined> {
  const secret = await combine(shares).catch(() => undefined);
  if (secret === undefined) return undefined;
  const bytes = Buffer.from(secret.buffer, secret.byteOffset, secret.length);
  try {
    return nameKey('unseal key', bytes);
  } finally {
    bytes.fill(0);
  }
}

function unrefTimeout(ms: number, work: () => void): () => void {
  const timeout = setTimeout(work, ms).unref();
  return () => clearTimeout(timeout);
}

const sharesMissing = (wrapped: WrappedRoot | undefined) =>
  wrapped === undefined
    ? new AppError('SEALED', 'This crypto server waits for shares of its unseal key', {
        fix: 'Give it shares with sealtrack unseal, until its threshold is reached; then ask again.',
      })
    : new AppError('SEALED', `Not enough shares of set ${setOf(wrapped)} were given here`, {
        fix: 'Give them with sealtrack unseal, then ask again. A backup from before the shares were renewed is restored into an empty Redis, by a crypto server of its own, with the shares of then.',
        details: { set: setOf(wrapped) },
      });

const otherSet = (set: string, sets: readonly WrappedRoot[]) =>
  invalid(
    `it is of the set ${set}, and this keyring opens with ${sets.map(setOf).join(' or ')}`,
    'Give a share of the set that is in force: the first group after "sts1" names it.',
  );
