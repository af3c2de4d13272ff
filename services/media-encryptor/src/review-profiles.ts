import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@sealtrack/service-kit/logger';
import type { ProfileEntry, Refusal } from './domain/profile-entry.ts';
import type { Clock, ProfileSource, Reviewed } from './ports.ts';
import { createSleeper } from './sleeper.ts';

export interface ReviewProfilesDeps {
  readonly profiles: ProfileSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Called while many are looked at: taking certificates apart leaves ten times as much behind as it keeps. */
  readonly collectYoung?: () => void;
}

export interface ReviewProfiles {
  /** What was found, and of which revision. */
  reviewed(): Reviewed;
  /** Told after each review that found something else, or is of a newer revision. */
  changes(listener: () => void): void;
  /** Everything is looked at again: the trust changed. */
  again(): void;
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** At a time, in milliseconds: recordings arrive meanwhile. */
const SLICE_MS = 5;
/** A list of revoked certificates gets too old by itself. What has not changed costs next to nothing. */
const AGAIN_AFTER_MS = 60_000;
const LINES = 20;
const SLICES_BETWEEN = 8;

/**
 * Looks at everything that was pushed before a recording does, for what this encryptor has against it. Certificates are
 * judged whenever they are used, so that nothing waits for this: it is for people, who learn now what would go wrong.
 */
export function createReviewProfiles(deps: ReviewProfilesDeps): ReviewProfiles {
  const { profiles, clock, log, collectYoung = () => {} } = deps;
  const refused = new Map<string, readonly Found[]>();
  const listeners: (() => void)[] = [];
  const waiting = new Set<string>();
  let revision = 0;
  const sleeper = createSleeper();
  let changed = false;
  let lines = 0;

  const all = () => profiles.snapshot().entries.keys();
  const add = (keys: Iterable<string>): void => {
    for (const key of keys) waiting.add(key);
  };
  const look = (keys: Iterable<string>): void => {
    add(keys);
    sleeper.wake();
  };
  const review = (key: string): void => {
    const entry = profiles.snapshot().entries.get(key);
    const found = entry === undefined ? [] : refusalsIn(entry, clock());
    if (JSON.stringify(found) === JSON.stringify(refused.get(key) ?? [])) return;
    changed = true;
    if (found.length === 0) refused.delete(key);
    else refused.set(key, found);
    for (const { certificateId, reason, message, nextStep } of found)
      if (++lines <= LINES)
        log.warn(
          { profile: key, revision: entry?.revision, certificateId, reason, nextStep },
          certificateId === '' ? `refused: ${message}` : `certificate not used: ${message}`,
        );
  };
  /** Resolves when nothing waits any more; what comes meanwhile counts. */
  const reviewAll = async (signal: AbortSignal): Promise<void> => {
    lines = 0;
    for (let slice = 1; waiting.size > 0 && !signal.aborted; slice += 1) {
      const end = performance.now() + SLICE_MS;
      for (const key of waiting) {
        waiting.delete(key);
        review(key);
        if (performance.now() > end) break;
      }
      if (slice % SLICES_BETWEEN === 0) collectYoung();
      if (waiting.size > 0) await delay(1);
    }
    if (lines > LINES) log.warn({ more: lines - LINES }, 'more was refused than is shown here');
  };

  return {
    reviewed: () => ({ revision, refused: [...refused.values()].flat() }),
    changes: (listener) => void listeners.push(listener),
    again: () => look(all()),
    async run(signal) {
      const stop = profiles.changes(look);
      add(all());
      while (!signal.aborted) {
        await reviewAll(signal);
        if (waiting.size > 0) continue;
        const now = profiles.snapshot().revision;
        if (changed || now !== revision) {
          [changed, revision] = [false, now];
          for (const listener of listeners) listener();
        }
        await sleeper.sleep(AGAIN_AFTER_MS, signal);
        if (waiting.size === 0) add(all());
      }
      stop();
    },
  };
}

type Found = Reviewed['refused'][number];

function refusalsIn(entry: ProfileEntry, now: Date): Found[] {
  const { certificates, refused } = entry.contents();
  const { key, revision } = entry;
  const found = (refusal: Refusal, certificateId = ''): Found => ({
    key,
    revision,
    certificateId,
    ...refusal,
  });
  return [
    ...refused.map(({ certificateId, ...refusal }) => found(refusal, certificateId)),
    ...certificates.flatMap((certificate) => {
      const refusal = certificate.refusalAt(now);
      return refusal === undefined ? [] : [found(refusal, certificate.certificateId)];
    }),
  ];
}
