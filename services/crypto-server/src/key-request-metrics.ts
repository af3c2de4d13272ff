import type { Metrics } from '@sealtrack/service-kit/metrics';

const OUTCOMES = ['opened', 'not-held', 'refused', 'unavailable', 'late', 'untrusted'] as const;

export type CountKeyRequest = (outcome: (typeof OUTCOMES)[number]) => void;

/** Each request on the bus once at either side: what is asked again counts again. */
export function createKeyRequestMetrics(metrics: Metrics): Record<'asking' | 'holding', CountKeyRequest> {
  const requests = metrics.counter(
    'sealtrack_key_requests_total',
    'Session keys that one crypto server asked another for',
    { side: ['asking', 'holding'], outcome: OUTCOMES },
  );
  return {
    asking: (outcome) => requests.add(1, { side: 'asking', outcome }),
    holding: (outcome) => requests.add(1, { side: 'holding', outcome }),
  };
}
