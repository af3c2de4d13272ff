import type { Metrics } from '@sealtrack/service-kit/metrics';

const STREAMS = ['live', 'changes', 'verification'] as const;
export type StreamKind = (typeof STREAMS)[number];

export interface LiveMetrics {
  /** One more browser, until it is disposed. */
  streaming(kind: StreamKind): Disposable;
  fed(events: number): void;
  /** Some events were not seen. */
  gap(): void;
}

export function createLiveMetrics(metrics: Metrics): LiveMetrics {
  const streams = metrics.gauge('sealtrack_console_streams', 'Browsers that are told what happens', {
    kind: STREAMS,
  });
  const events = metrics.counter(
    'sealtrack_console_events_total',
    'Events that the console has read from the bus',
  );
  const gaps = metrics.counter(
    'sealtrack_console_event_gaps_total',
    'How often the console has begun to read events without knowing all that were before',
  );
  const counts = new Map<StreamKind, number>();
  const change = (kind: StreamKind, by: number): void => {
    const count = (counts.get(kind) ?? 0) + by;
    counts.set(kind, count);
    streams.set(count, { kind });
  };
  return {
    streaming(kind) {
      change(kind, 1);
      return { [Symbol.dispose]: () => change(kind, -1) };
    },
    fed: (count) => events.add(count),
    gap: () => gaps.add(1),
  };
}
