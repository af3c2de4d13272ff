import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { sealBroken } from './jwe-format.ts';
import type { KeyringRecord, RootRecord, UnsignedRecord } from './keyring-record.ts';
import type { KeyringStore } from './keyring-store.ts';
import type { NamedKey } from './named-key.ts';
import { openRecord, openRing, type Ring, signWith } from './ring.ts';
import type { UnsealProvider } from './unseal-provider.ts';
import { RESTORE_KEYRING } from './wrapped-key.ts';

/** What a change makes of a record; with another root key when that is what changes. */
export interface Draft extends Partial<Pick<UnsignedRecord, 'keks' | 'current'>> {
  readonly root?: RootRecord;
  readonly rotation?: KeyringRecord['rotation'] | 'finished';
  readonly newRoot?: NamedKey;
}

/** The ring of this process, and how it keeps up with the one that all servers share. */
export interface RingKeeper {
  /** The newest record that was seen, open or not. */
  known(): KeyringRecord | undefined;
  know(record: KeyringRecord | undefined): void;
  isOpen(): boolean;
  /** The ring as it is in memory. @throws AppError SEALED. */
  ring(): Ring;
  /** The ring as it is in the store, which other servers change too. @throws AppError SEALED; SEAL_BROKEN. */
  refresh(): Promise<Ring>;
  /**
   * Changes what is stored, and holds the outcome. `edit` is asked again when another server was quicker; undefined leaves
   * everything as it is. The new record is opened as anybody would open it before it is stored.
   * @param start where to begin: a ring that is not held yet is held once this resolves.
   */
  change(start: Ring, edit: (ring: Ring) => Promise<Draft | undefined>): Promise<Ring>;
  /** Holds a ring as it is, unless a newer one is held. */
  hold(ring: Ring): void;
  /** Hands a record to onChange, unless that has it. */
  announce(record: KeyringRecord): Promise<void>;
  drop(): void;
}

export interface RingKeeperOptions {
  readonly keyrings: KeyringStore;
  readonly provider: UnsealProvider;
  readonly onChange?: ((record: KeyringRecord) => Promise<void>) | undefined;
}

const MAX_ATTEMPTS = 8;

export function createRingKeeper({ keyrings, provider, onChange }: RingKeeperOptions): RingKeeper {
  let known: KeyringRecord | undefined;
  let held: Ring | undefined;
  /** Counts how often it was sealed: what was begun before must not open it again. */
  let era = 0;
  let announced: string | undefined;

  const ring = () => {
    if (held === undefined) throw sealed();
    return held;
  };

  const hold = (next: Ring, begun: number) => {
    if (begun !== era) throw sealed();
    // Two refreshes may overtake each other.
    if (held === undefined || held.record.revision < next.record.revision) held = next;
    known = held.record;
  };

  const drop = () => {
    era++;
    held = undefined;
    provider.forget();
  };

  const follow = async (from: Ring): Promise<Ring> => {
    const record = await keyrings.load();
    if (record === undefined) throw gone();
    if (record.mac === from.record.mac) return from;
    if (record.revision <= from.record.revision) throw older();
    if (record.root.id === from.root.id) return await openRing(record, from.root, from);
    return await openRecord(record, provider);
  };

  const announce = async (record: KeyringRecord) => {
    if (announced === record.mac) return;
    await onChange?.(record);
    announced = record.mac;
  };

  return {
    known: () => known,
    know: (record) => {
      known = record;
    },
    isOpen: () => held !== undefined,
    ring,
    async refresh() {
      const begun = era;
      const from = ring();
      if (await keyrings.isStored(from.record)) return from;
      try {
        hold(await follow(from), begun);
      } catch (error) {
        // Another server put the root under shares that were not given here.
        if (hasCode(error, 'SEALED') && begun === era) drop();
        throw error;
      }
      return ring();
    },
    async change(start, edit) {
      const begun = era;
      let before = start;
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const draft = await edit(before);
        if (draft === undefined) {
          hold(before, begun);
          return before;
        }
        const next = apply(draft, before);
        const after = await openRecord(next, provider);
        if (await keyrings.save(next, before.record)) {
          hold(after, begun);
          await announce(next);
          return after;
        }
        before = await follow(before);
      }
      throw busy('Other servers change the keyring all the time', 'Ask again in a moment.');
    },
    hold: (next) => hold(next, era),
    announce,
    drop,
  };
}

function apply({ newRoot, rotation, ...changes }: Draft, { record, root }: Ring): KeyringRecord {
  const { mac: _, rotation: underWay, ...kept } = record;
  const next = rotation === 'finished' ? undefined : (rotation ?? underWay);
  return signWith(newRoot ?? root, {
    ...kept,
    ...changes,
    ...(next === undefined ? {} : { rotation: next }),
    revision: record.revision + 1,
  });
}

export const busy = (message: string, fix: string) => new AppError('KEYRING_BUSY', message, { fix });

export const sealed = () =>
  new AppError('SEALED', 'This crypto server is sealed', {
    fix: 'Unseal it: sealtrack unseal, or correct its unseal key; its log and its health say what it waits for.',
  });

export const gone = () => sealBroken('The keyring is gone from Redis', RESTORE_KEYRING);

export const keyringMissing = () =>
  sealBroken('There are sealed keys in Redis, and no keyring that opens them', RESTORE_KEYRING);

const older = () =>
  sealBroken(
    'The keyring in Redis is older than the one in use, or another',
    'Redis was restored from an old backup, or failed over to a replica that was behind. Restore the newest keyring from the backup directory, then start the crypto servers again.',
  );
