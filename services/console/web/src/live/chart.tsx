import 'uplot/dist/uPlot.min.css';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { resolveColour, useColourScheme } from '../colour-scheme.ts';
import { useWidth } from '../use-width.ts';
import type { Series } from './seconds-window.ts';

interface ChartProps {
  /** Unix times, as many as each series has values. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  readonly isStacked?: boolean;
}

const CHART_HEIGHT = 150;
/** Of live.css, in the order of the series. */
export const CHART_COLOURS = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5'] as const;

/**
 * Lines over time. Their numbers are told beside it: for those who cannot see it, it is not there. It is drawn anew when its data
 * changes, once a second, and built anew only when its labels, its width or the colours do.
 */
export function Chart({ times, series, format, isStacked = false }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const width = useWidth(box);
  const scheme = useColourScheme();
  const labels = series.map(({ label }) => label).join('\n');
  const data = useMemo(() => alignedData(times, series, isStacked), [times, series, isStacked]);
  const newest = useRef(data);
  newest.current = data;
  const formatted = useRef(format);
  formatted.current = format;
  // biome-ignore lint/correctness/useExhaustiveDependencies: The scheme is read from what is drawn on.
  useEffect(() => {
    const { current } = box;
    if (current === null || width === 0) return;
    const options = optionsOf(current, width, labels.split('\n'), isStacked, (value) =>
      formatted.current(value),
    );
    plot.current = new uPlot(options, newest.current, current);
    return () => {
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [labels, width, isStacked, scheme]);
  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);
  return <div ref={box} className="chart" aria-hidden="true" />;
}

/** uPlot draws from the back: each of a stack is the sum of it and those below it, the highest one first. */
function alignedData(
  times: readonly number[],
  series: readonly Series[],
  isStacked: boolean,
): uPlot.AlignedData {
  if (!isStacked) return [[...times], ...series.map(({ values }) => [...values])];
  const sums = times.map(() => 0);
  const stacked = series.map(({ values }) =>
    values.map((value, i) => {
      if (value === null) return null;
      sums[i] = (sums[i] ?? 0) + value;
      return sums[i] ?? 0;
    }),
  );
  return [[...times], ...stacked.toReversed()];
}

function optionsOf(
  within: Element,
  width: number,
  labels: readonly string[],
  isStacked: boolean,
  format: (value: number) => string,
): uPlot.Options {
  const colour = (property: `--${string}`) => resolveColour(within, property);
  const lines = labels.map((label, i) => {
    const stroke = colour(CHART_COLOURS[i % CHART_COLOURS.length] ?? '--chart-1');
    return {
      label,
      stroke,
      width: 1.5,
      ...(isStacked
        ? { points: { show: false }, fill: stroke }
        : { points: { show: true, size: 4, fill: stroke, filter: lonely } }),
    };
  });
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `11px ${getComputedStyle(within).fontFamily}`,
  };
  return {
    width,
    height: CHART_HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 6, 0, 0],
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.1)] } },
    series: [{}, ...(isStacked ? lines.toReversed() : lines)],
    axes: [
      { ...axis, size: 26, space: 70, values: (_, values) => values.map(clockOf) },
      { ...axis, size: 66, space: 32, values: (_, values) => values.map((value) => format(value)) },
    ],
  };
}

/** Values with none on either side, which a line does not show: where little happens, that is most of them. */
const lonely: uPlot.Series.Points.Filter = (plot, seriesIndex) => {
  const values = plot.data[seriesIndex] ?? [];
  return [...values.keys()].filter(
    (i) => values[i] != null && values[i - 1] == null && values[i + 1] == null,
  );
};

/** In the reader's zone. */
function clockOf(unix: number): string {
  const at = new Date(unix * 1000);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
