import type { Kv } from '@sealtrack/bus/kv';
import type { KvChange } from '@sealtrack/bus/kv-watch';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Settings } from '../domain/assigned-certificates.ts';
import { decodeSettings } from './entries.ts';

/** An entry that was written, or deleted. */
export interface EntryChange {
  readonly key: string;
  readonly isDeleted: boolean;
  /** Undefined for one that was deleted, one that cannot be read, and a holding key. */
  readonly settings: Settings | undefined;
}

/** What is in memory of the bucket `profiles`, kept by those who follow it. */
export interface BucketWatch {
  /** The bucket. What is written by it is waited for by `upToDate`. */
  readonly kv: Kv;
  /** Told of every entry there is, and of every change from then on. Before the bucket is followed. */
  onChange(follower: (change: EntryChange) => void): void;
  /** Follows the bucket until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
  /** Resolves once everything there is was told. */
  readonly ready: Promise<void>;
  /** Somebody who asks from now on is to know of this change. */
  wrote(revision: number): void;
  /**
   * Resolves once the newest was told, and what was written here. Throws BUS_UNAVAILABLE when it is not known soon what
   * is the newest.
   */
  upToDate(): Promise<void>;
}

/** How long anybody waits for what is newer than what is in memory. */
const WAIT_MS = 2_000;

/** So that ten thousand profiles are read once, and what asks for them later costs the bus nothing. */
export function createBucketWatch(bucket: Kv, log: Log, waitMs = WAIT_MS): BucketWatch {
  const followers: ((change: EntryChange) => void)[] = [];
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  const seen = { revision: 0, upToDate: false };
  let written = 0;
  let changed = Promise.withResolvers<void>();

  function settingsIn({ key, value, revision }: KvChange): Settings | undefined {
    if (value === undefined || isHoldingKey(key)) return undefined;
    try {
      return decodeSettings({ key, value, revision });
    } catch (err) {
      // One damaged entry must not hide the others. Encryptors say so in their logs too.
      log.error(
        { err, key, revision },
        'an entry cannot be read: it is in no list, and its certificates are not watched',
      );
      return undefined;
    }
  }

  async function reach(revision: number): Promise<void> {
    const isReached = () => seen.upToDate && seen.revision >= revision;
    if (isReached()) return;
    const late = Promise.withResolvers<void>();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      late.resolve();
    }, waitMs);
    while (!isReached() && !isLate) await Promise.race([changed.promise, late.promise]);
    clearTimeout(timer);
    if (!seen.upToDate) throw unknown();
    // A bucket that was put back from a backup may never reach it.
    if (written === revision) written = 0;
  }

  const wrote = (revision: number): void => {
    written = Math.max(written, revision);
  };
  const noted = async (writing: Promise<number>): Promise<number> => {
    const revision = await writing;
    wrote(revision);
    return revision;
  };

  return {
    kv: {
      ...bucket,
      create: (...entry) => noted(bucket.create(...entry)),
      update: (...entry) => noted(bucket.update(...entry)),
      put: (...entry) => noted(bucket.put(...entry)),
    },
    onChange: (follower) => void followers.push(follower),
    async follow(signal) {
      for await (const { entries, upToDate } of bucket.watch({ signal })) {
        for (const entry of entries) {
          const { key, value, revision } = entry;
          const change = { key, isDeleted: value === undefined, settings: settingsIn(entry) };
          for (const follower of followers) follower(change);
          seen.revision = Math.max(seen.revision, revision);
        }
        seen.upToDate = upToDate;
        if (upToDate) becomeReady();
        changed.resolve();
        changed = Promise.withResolvers();
      }
    },
    ready,
    wrote,
    upToDate: () => reach(written),
  };
}

const isHoldingKey = (key: string): boolean => key === SUBJECTS.holdingKey(key.split('.')[0] ?? '');

const unknown = (): AppError =>
  new AppError('BUS_UNAVAILABLE', 'It is not known now which profiles there are', {
    fix: 'Check that nats-server runs, then ask again.',
  });
