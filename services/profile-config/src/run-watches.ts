import type { Metrics } from '@sealtrack/service-kit/metrics';
import { createExpiryMetrics } from './expiry-metrics.ts';
import { createWatchExpiry, type WatchExpiryDeps } from './watch-expiry.ts';
import { createWatchRevocation, type WatchRevocationDeps } from './watch-revocation.ts';

export type WatchDeps = Omit<WatchExpiryDeps, 'metrics' | 'settings' | 'announcer'> &
  WatchRevocationDeps & {
    readonly announcer: WatchExpiryDeps['announcer'] & WatchRevocationDeps['announcer'];
    readonly metrics: Metrics;
  };

/** Watches the certificates that are assigned, until it is disposed. */
export function startWatches({ metrics, ...deps }: WatchDeps): AsyncDisposable {
  const ended = new AbortController();
  const running = Promise.all([
    createWatchExpiry({ ...deps, metrics: createExpiryMetrics(metrics) })(ended.signal),
    createWatchRevocation(deps)(ended.signal),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await running;
    },
  };
}
