import { memo, useMemo } from 'react';
import { formatBytes, formatCount, formatDuration } from '../amounts.ts';
import { plural } from '../plural.ts';
import { ChartCard } from './chart-card.tsx';
import {
  type SecondsWindow,
  type Series,
  seriesByKind,
  seriesOf,
  summarise,
  timesOf,
} from './seconds-window.ts';

const NONE: readonly Series[] = [{ label: 'events', values: [] }];

/** The last two minutes: how much, how large, how fast. */
export const Charts = memo(function Charts({ seconds }: { readonly seconds: SecondsWindow }) {
  const shown = useMemo(() => seriesToShow(seconds), [seconds]);
  const { times, kinds, bytes, latency } = shown;
  return (
    <div className="charts">
      <ChartCard
        title="Events by kind"
        summary={shown.eventsText}
        {...{ times, series: kinds, format: formatCount }}
        by="sum"
        isStacked
      />
      <ChartCard
        title="Encrypted"
        summary={shown.bytesText}
        {...{ times, series: bytes, format: formatBytes }}
        by="sum"
      />
      <ChartCard
        title="From hand-over to index"
        summary={shown.latencyText}
        {...{ times, series: latency, format: formatDuration }}
        by="most"
      />
    </div>
  );
});

function seriesToShow(window: SecondsWindow) {
  const all = summarise(
    seriesOf(window, 'all', ({ events }) => Object.values(events).reduce((sum, count) => sum + count, 0)),
  );
  const bytes = seriesOf(window, 'bytes a second', (second) => second.bytes);
  const recordings = summarise(seriesOf(window, 'recordings', ({ encrypted }) => encrypted));
  const p50 = seriesOf(window, 'half of them within', ({ latencyP50Ms }) => latencyP50Ms);
  const p99 = seriesOf(window, '99 of 100 within', ({ latencyP99Ms }) => latencyP99Ms);
  const [size, half, most] = [bytes, p50, p99].map(summarise);
  const kinds = seriesByKind(window);
  return {
    times: timesOf(window),
    kinds: kinds.length === 0 ? NONE : kinds,
    ...{ bytes: [bytes], latency: [p50, p99] },
    eventsText: all
      ? `${formatCount(all.latest)} a second; ${formatCount(all.total)} in two minutes`
      : WAITING,
    bytesText:
      size && recordings
        ? `${formatBytes(size.latest)} a second; ${plural(recordings.total, 'recording')}, ${formatBytes(size.total)}`
        : WAITING,
    latencyText:
      half && most
        ? `${formatDuration(half.latest)}, 99 of 100 within ${formatDuration(most.latest)}`
        : 'No recording in two minutes',
  };
}

const WAITING = 'Nothing has come yet';
