import { AppError } from '@sealtrack/errors/app-error';
import type { KeyringStore } from './keyring-store.ts';
import { newRecord, type Sources, withNewRoot } from './new-keys.ts';
import type { SealedStore } from './redis-sealed-store.ts';
import { openRing, openRoot } from './ring.ts';
import { busy, keyringMissing, type RingKeeper } from './ring-keeper.ts';
import { settle } from './settle.ts';
import type { Split, UnsealProvider } from './unseal-provider.ts';

export interface KeyringSharesOptions extends Sources {
  readonly keyrings: KeyringStore;
  readonly keys: SealedStore;
  readonly provider: UnsealProvider;
}

/** What of a keyring concerns the people who hold shares: see Keyring. */
export function createKeyringShares(options: KeyringSharesOptions, keeper: RingKeeper) {
  const { keyrings, keys, provider } = options;
  const sharing = () => {
    if (provider.shares === undefined) throw noShares();
    return provider.shares;
  };
  return {
    async initialise(split: Split): Promise<Buffer[]> {
      const { create } = sharing();
      const before = await keyrings.load();
      if (before !== undefined && before.root.unproven === undefined) throw alreadyThere();
      if (!(await keys.isEmpty())) throw keyringMissing();
      return await withNewRoot(options, async (bytes, root) => {
        const { wrapped, shares } = await create(bytes, split);
        return await orWipe(shares, async () => {
          const record = await newRecord(options, root, { wrapped, before, unproven: true });
          await openRing(record, root);
          if (!(await keyrings.save(record, before)))
            throw busy(
              'Somebody else makes the keyring at the same time',
              'Look at its status, then try again.',
            );
          keeper.know(record);
          await keeper.announce(record);
        });
      });
    },

    async giveShare(text: Buffer): Promise<void> {
      const shares = sharing();
      const record = await keyrings.load();
      if (record === undefined) throw notInitialised();
      if (!keeper.isOpen()) keeper.know(record);
      const { wrapped, pending } = record.root;
      const { set, complete } = await shares.give(
        text,
        pending === undefined ? [wrapped] : [wrapped, pending],
      );
      if (!complete) return;
      const ring = await openRing(record, await openRoot(record, provider, set));
      await keeper.change(ring, (now) => settle(now, provider, set));
    },

    async beginNewShares(split: Split): Promise<Buffer[]> {
      const { create } = sharing();
      const made: Buffer[] = [];
      return await orWipe(made, async () => {
        await keeper.change(await keeper.refresh(), async ({ record, root }) => {
          for (const share of made.splice(0)) share.fill(0);
          const bytes = root.key.export();
          const { wrapped, shares } = await create(bytes, split).finally(() => bytes.fill(0));
          made.push(...shares);
          return { root: { ...record.root, pending: wrapped } };
        });
      });
    },
  };
}

/** Shares of what was not kept are worth nothing, but are still secret. */
async function orWipe(shares: Buffer[], work: () => Promise<void>): Promise<Buffer[]> {
  try {
    await work();
    return shares;
  } catch (error) {
    for (const share of shares) share.fill(0);
    throw error;
  }
}

const noShares = () =>
  new AppError('INVALID_ARGUMENT', 'This keyring opens with a key, not with shares', {
    fix: 'Go on with its unseal key. Shares are for a keyring that is made with SEALTRACK_UNSEAL_WITH=shamir, on an empty Redis.',
  });

const alreadyThere = () =>
  new AppError('OBJECT_EXISTS', 'There is already a keyring, and its shares are in use', {
    fix: 'Unseal it with its shares: sealtrack unseal. For other holders, make new shares while it is open: sealtrack seal renew-shares.',
  });

const notInitialised = () =>
  new AppError('SEALED', 'There is no keyring yet that a share could open', {
    fix: 'Make the keyring and its shares first, then give the shares.',
  });
