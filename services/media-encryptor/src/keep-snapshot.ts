import type { Log } from '@sealtrack/service-kit/logger';
import { pause } from '@sealtrack/service-kit/pause';
import type { ProfileSource, ProfileStore } from './ports.ts';

export interface KeepSnapshotDeps {
  readonly profiles: ProfileSource;
  readonly store: ProfileStore;
  readonly log: Log;
}

/** Of many changes, those of such a time are stored at once. */
const TOGETHER_MS = 3_000;
const AFTER_FAILURE_MS = 30_000;

/**
 * Stores what this encryptor runs on whenever that changed, until the signal aborts, and then once more: so that it says
 * when it was last known to be the newest. What was never known to be that is not stored: it came from there.
 */
export function createKeepSnapshot({ profiles, store, log }: KeepSnapshotDeps) {
  let stored: unknown;

  /** False when it has to be tried again. */
  async function save(): Promise<boolean> {
    const snapshot = profiles.snapshot();
    const currentAt = profiles.currentAt();
    if (currentAt === undefined) return true;
    try {
      await store.write(snapshot, currentAt);
      stored = snapshot;
      return true;
    } catch (err) {
      log.error({ err }, 'the profiles could not be stored: a start without the bus would not have them');
      return false;
    }
  }

  return async (signal: AbortSignal): Promise<void> => {
    let wasCurrent = false;
    let pauseMs = TOGETHER_MS;
    while (!signal.aborted) {
      if (profiles.isCurrent()) {
        wasCurrent = true;
        if (profiles.snapshot() !== stored) pauseMs = (await save()) ? TOGETHER_MS : AFTER_FAILURE_MS;
      }
      await pause(pauseMs, signal);
    }
    if (wasCurrent) await save();
  };
}
