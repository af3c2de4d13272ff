import type { Log } from '@sealtrack/service-kit/logger';
import type { Metrics } from '@sealtrack/service-kit/metrics';
import { repeat } from '@sealtrack/service-kit/repeat';
import { describeAge } from './domain/age.ts';
import type { Clock, ProfileSource } from './ports.ts';

export interface WatchAgeDeps {
  readonly profiles: ProfileSource;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

const EVERY_MS = 1_000;
const SAID_EVERY_MS = 60_000;

/** Says how old the profiles are while they are not followed: changes are missed then, deletions among them. */
export function createWatchAge({ profiles, clock, metrics, log }: WatchAgeDeps) {
  const ageGauge = metrics.gauge(
    'sealtrack_profile_snapshot_age_seconds',
    'Since the profiles were last known to be the newest; 0 while they are followed',
  );
  const revisionGauge = metrics.gauge(
    'sealtrack_profile_revision',
    'The newest change of the profiles that this encryptor has',
  );
  let said = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const since = profiles.currentAt();
    const seconds =
      profiles.isCurrent() || since === undefined
        ? 0
        : Math.max(0, (clock().getTime() - since.getTime()) / 1_000);
    ageGauge.set(seconds);
    const { revision } = profiles.snapshot();
    revisionGauge.set(revision);
    if (profiles.isCurrent() || since === undefined) said = Number.NEGATIVE_INFINITY;
    else if (performance.now() - said >= SAID_EVERY_MS) {
      said = performance.now();
      log.warn(
        { revision, currentAt: since.toISOString(), ageSeconds: Math.round(seconds) },
        `these profiles may be old: they were last known to be the newest ${describeAge(seconds)} ago`,
      );
    }
  }
  return async (signal: AbortSignal): Promise<void> => {
    await look();
    await repeat(look, EVERY_MS, signal, log);
  };
}
