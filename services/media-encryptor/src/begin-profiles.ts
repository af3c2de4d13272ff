import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@sealtrack/service-kit/logger';
import type { StoredProfiles } from './ports.ts';

export interface BeginProfilesDeps {
  readonly profiles: { readonly ready: Promise<void> };
  readonly bus: { isConnected(): boolean; keepTrying(): void };
  /** Fails when the bus is there and cannot be used. */
  readonly following: Promise<void>;
  /** What the profiles begin with. Without it the bus is waited for. */
  readonly stored: StoredProfiles | undefined;
  readonly log: Log;
}

/** For a bus that is there. */
const PATIENCE_MS = 3_000;
/** For one that is connected and still says nothing, such as one that recovers its streams. */
const LONGEST_MS = 20_000;
const LOOK_EVERY_MS = 250;

/**
 * Resolves when there is something to encrypt by: what is in the bucket, or, when the bus is not there, what was stored when
 * it last was. Rejects when the signal aborts.
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
}

/** Resolves when it is time to do without the bus, or when `over`. */
async function fallBack({ bus, stored, log }: BeginProfilesDeps, over: AbortSignal): Promise<void> {
  if (stored === undefined || !(await passed(PATIENCE_MS, over))) return await aborted(over);
  for (let left = LONGEST_MS - PATIENCE_MS; left > 0 && bus.isConnected(); left -= LOOK_EVERY_MS)
    await passed(LOOK_EVERY_MS, over);
  if (over.aborted) return;
  bus.keepTrying();
  const { revision, savedAt, entries } = stored;
  log.warn(
    { revision, entries: entries.length, savedAt },
    'the bus is not there: starting on the profiles that were stored',
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
