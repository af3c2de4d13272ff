import type { Transport } from '@sealtrack/tls/tls';
import type { Log } from './logger.ts';
import { type Metrics, noMetrics } from './metrics.ts';
import { startMetricsServer } from './metrics-server.ts';

export interface ProcessMetrics extends AsyncDisposable {
  readonly metrics: Metrics;
  /** As those of a service: where they are served, if they are. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** The metrics of this process, served at `listen`, or kept by nobody without it. Throws CONFIG_INVALID. */
export async function startMetrics(
  listen: string | undefined,
  transport: Transport,
  log: Log,
): Promise<ProcessMetrics> {
  if (listen === undefined)
    return { metrics: noMetrics, addresses: {}, [Symbol.asyncDispose]: async () => {} };
  // Reading the library takes 80 ms and some memory: only who wants metrics pays.
  const { createPrometheus } = await import('./prometheus.ts');
  const { metrics, contentType, render } = createPrometheus();
  const server = await startMetricsServer({ listen, transport, contentType, render, log });
  return {
    metrics,
    addresses: { metrics: server.address },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
