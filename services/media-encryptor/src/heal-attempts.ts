import { hasCode } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import type { Log } from '@sealtrack/service-kit/logger';
import { type Attempt, isAbandoned, isStored } from './domain/attempt.ts';
import { findManifest } from './find-manifest.ts';
import type { Announcer, Attempts, Clock, Quarantine } from './ports.ts';

export interface HealAttemptsDeps {
  readonly store: MediaStore;
  readonly attempts: Attempts;
  readonly quarantine: Quarantine;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Finishes what a crash or an outage interrupted. A mark whose manifest names its ciphertext is a stored recording
 * whose events may not be out: they are said (again). Any other mark that nobody can still be at leaves only ciphertext
 * that no manifest names: it is removed. Any number of encryptors may do this at once.
 */
export function createHealAttempts(deps: HealAttemptsDeps): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    for await (const attempt of deps.attempts.list()) {
      if (signal.aborted || !deps.announcer.ready()) return;
      if (deps.attempts.isLive(attempt.id)) continue;
      try {
        await heal(deps, attempt);
      } catch (error) {
        if (hasCode(error, 'BUS_UNAVAILABLE')) return;
        deps.log.error({ err: error, attempt: attempt.id, key: attempt.manifestKey }, 'attempt not healed');
      }
    }
  };
}

async function heal(
  { store, attempts, quarantine, announcer, clock, log }: HealAttemptsDeps,
  attempt: Attempt,
): Promise<void> {
  const manifest = await findManifest(store, attempt.manifestKey);
  if (manifest !== undefined && isStored(attempt, manifest)) {
    await announcer.stored(manifest, attempt.manifestKey, '');
    log.info(
      { recordingId: manifest.recordingId },
      'said the events of a recording that an earlier attempt stored',
    );
  } else if (isAbandoned(attempt, clock())) {
    await store.delete(attempt.ciphertextKey);
    if (attempt.quarantineKey !== undefined) await quarantine.unmark(attempt.quarantineKey);
    log.info({ attempt: attempt.id }, 'removed what an unfinished attempt left');
  } else return;
  await attempts.unmark(attempt);
}
