import type { Metrics } from '@sealtrack/service-kit/metrics';
import { createExpiryMetrics } from './expiry-metrics.ts';
import { createWatchExpiry, type WatchExpiryDeps } from './watch-expiry.ts';
import { createWatchRevocation, type WatchRevocationDeps } from './watch-revocation.ts';

export type WatchDeps = Omit<WatchExpiryDeps, 'metrics' | 'settings' | 'announcer'> &
  WatchRevocationDeps & {
    readonly announcer: WatchExpiryDeps['announcer'] & WatchRevocationDeps['announcer'];
    readonly metrics: Metrics;
  };

/** Watches the certificates that are assigned, until the signal aborts. */
export async function runWatches({ metrics, ...deps }: WatchDeps, signal: AbortSignal): Promise<void> {
  await Promise.all([
    createWatchExpiry({ ...deps, metrics: createExpiryMetrics(metrics) })(signal),
    createWatchRevocation(deps)(signal),
  ]);
}
