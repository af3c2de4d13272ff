import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@sealtrack/service-kit/logger';
import { BUCKET_LOST } from './domain/profile-entry.ts';
import type { ProfileSource, ProfileStore, StoredProfiles } from './ports.ts';

export interface BeginProfilesDeps {
  readonly profiles: ProfileSource & {
    readonly ready: Promise<void>;
    startOn(stored: StoredProfiles): void;
  };
  readonly bus: { isConnected(): boolean; keepTrying(): void };
  /** Fails when the bus is there and cannot be used. */
  readonly following: Promise<void>;
  /** Without one the bus is waited for. */
  readonly store: ProfileStore | undefined;
  readonly log: Log;
}

/** For a bus that is there. */
const PATIENCE_MS = 3_000;
/** For one that is connected and still says nothing, such as one that recovers its streams. */
const LONGEST_MS = 20_000;
const LOOK_EVERY_MS = 250;

/**
 * Resolves when there is something to encrypt by: what is in the bucket, or, when the bus is not there, what was stored when
 * it last was. The same when the bucket is there and has lost everything. Rejects when the signal aborts.
 */
export async function beginProfiles(deps: BeginProfilesDeps, signal: AbortSignal): Promise<void> {
  const { profiles, following } = deps;
  const begun = new AbortController();
  const over = AbortSignal.any([signal, begun.signal]);
  const falling = fallBack(deps, over);
  try {
    await Promise.race([profiles.ready, following, falling, aborted(signal)]);
  } finally {
    begun.abort();
    await falling;
  }
  signal.throwIfAborted();
  await fallBackFromNothing(deps);
}

/** Settles when `over`, or rejects. */
async function fallBack({ profiles, bus, store, log }: BeginProfilesDeps, over: AbortSignal): Promise<void> {
  if (store === undefined || !(await passed(PATIENCE_MS, over))) return await aborted(over);
  for (let left = LONGEST_MS - PATIENCE_MS; left > 0 && bus.isConnected(); left -= LOOK_EVERY_MS)
    await passed(LOOK_EVERY_MS, over);
  const stored = over.aborted ? undefined : await store.read();
  if (stored !== undefined && !over.aborted) {
    bus.keepTrying();
    profiles.startOn(stored);
    log.warn(
      { revision: stored.revision, entries: stored.entries.length, savedAt: stored.savedAt },
      'the bus is not there: starting on the profiles that were stored',
    );
  }
  await aborted(over);
}

/** Nothing that is done to profiles leaves the bucket without any entry. */
async function fallBackFromNothing({ profiles, store, log }: BeginProfilesDeps): Promise<void> {
  if (profiles.snapshot().entries.size > 0) return;
  const stored = await store?.read();
  // A first profile may have been made meanwhile.
  if (stored === undefined || stored.entries.length === 0 || profiles.snapshot().entries.size > 0) return;
  profiles.startOn(stored);
  log.error(
    { revision: stored.revision, entries: stored.entries.length, savedAt: stored.savedAt },
    `${BUCKET_LOST}: starting on those that were stored`,
  );
}

async function passed(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
