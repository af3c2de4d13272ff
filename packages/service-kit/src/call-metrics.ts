import type { Metrics } from './metrics.ts';

/** What an RPC server says of its calls. */
export interface CallObserver {
  ended(path: string, status: string, seconds: number): void;
  refused(reason: RefusalReason): void;
  underWay(calls: number): void;
}

const REASONS = ['caller-rate', 'caller-calls', 'all-calls', 'request-bytes'] as const;
type RefusalReason = (typeof REASONS)[number];

const STATUSES: readonly string[] = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE'],
  ...['UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];

/** From what is answered from memory to a recording that somebody listens to. */
const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];

/**
 * Counts and times the calls of an RPC server.
 * @returns what it asks for with the paths of its methods, "/package.Service/Method": the label is "Service/Method".
 */
export const createCallMetrics =
  (metrics: Metrics) =>
  (paths: readonly string[]): CallObserver => {
    const methods = new Map(paths.map((path) => [path, path.slice(path.lastIndexOf('.') + 1)]));
    const underWay = metrics.gauge('sealtrack_rpc_calls', 'Calls under way, streams among them');
    const refused = metrics.counter(
      'sealtrack_rpc_refused_total',
      'Calls that were refused before anything was done for them, by what there was too much of',
      { reason: REASONS },
    );
    const duration = metrics.histogram(
      'sealtrack_rpc_duration_seconds',
      'How long calls took, streams until their end, by method and gRPC status',
      SECONDS,
      { method: [...methods.values()], status: STATUSES },
    );
    return {
      ended(path, status, seconds) {
        const method = methods.get(path);
        if (method !== undefined) duration.observe(seconds, { method, status });
      },
      refused: (reason) => refused.add(1, { reason }),
      underWay: (calls) => underWay.set(calls),
    };
  };
