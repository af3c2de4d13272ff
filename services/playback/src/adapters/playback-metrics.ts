import type { Metrics } from '@sealtrack/service-kit/metrics';

export interface PlaybackMetrics {
  answered(status: number): void;
  sent(bytes: number): void;
  firstByte(seconds: number): void;
  /** Until it is disposed. */
  streaming(): Disposable;
  brokenOff(by: (typeof BROKEN_BY)[number]): void;
}

const CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const;
const BROKEN_BY = ['client', 'server', 'silent'] as const;

export function createPlaybackMetrics(metrics: Metrics): PlaybackMetrics {
  const requests = metrics.counter('sealtrack_playback_requests_total', 'Requests for media, by status', {
    status: CLASSES,
  });
  const bytes = metrics.counter('sealtrack_playback_bytes_total', 'Bytes of media that players were sent');
  const firstByte = metrics.histogram(
    'sealtrack_playback_first_byte_seconds',
    'From a request to the first byte of media for it',
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  const streams = metrics.gauge('sealtrack_playback_streams', 'Responses with media that are on their way');
  const broken = metrics.counter(
    'sealtrack_playback_broken_off_total',
    'Responses with media that ended before their end: the client went away, a server failed, or the client took nothing',
    { by: BROKEN_BY },
  );
  let active = 0;
  const change = (by: number) => {
    active += by;
    streams.set(active);
  };
  return {
    answered: (status) =>
      requests.add(1, { status: CLASSES[Math.min(Math.max(Math.floor(status / 100), 2), 5) - 2] ?? '5xx' }),
    sent: (count) => bytes.add(count),
    firstByte: (seconds) => firstByte.observe(seconds),
    streaming() {
      change(1);
      return { [Symbol.dispose]: () => change(-1) };
    },
    brokenOff: (by) => broken.add(1, { by }),
  };
}
