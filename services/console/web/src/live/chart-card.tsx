import { useState } from 'react';
import { ScrollBox } from '../components/scroll-box.tsx';
import { CHART_COLOURS, Chart } from './chart.tsx';
import { inTens, type Series } from './seconds-window.ts';

interface ChartCardProps {
  readonly title: string;
  /** What it comes to, in a sentence: for everybody, and all there is for those who cannot see lines. */
  readonly summary: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** How seconds are put together in the table. */
  readonly by: 'sum' | 'most';
  readonly isStacked?: boolean;
}

/** A chart with its meaning in words and, on request, its numbers as a table. */
export function ChartCard({ title, summary, times, series, format, by, isStacked = false }: ChartCardProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <figure className="card chart-card">
      <figcaption>
        <h2>{title}</h2>
        <p className="chart-summary number">{summary}</p>
      </figcaption>
      <Chart times={times} series={series} format={format} isStacked={isStacked} />
      <ul className="chart-legend">
        {series.map(({ label }, i) => (
          <li key={label}>
            <span className={`chart-key chart-key-${(i % CHART_COLOURS.length) + 1}`} aria-hidden="true" />
            {label}
          </li>
        ))}
      </ul>
      <details className="more" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>As a table</summary>
        {isOpen ? <Numbers title={title} times={times} series={series} format={format} by={by} /> : null}
      </details>
    </figure>
  );
}

function Numbers({ title, times, series, format, by }: Omit<ChartCardProps, 'summary'>) {
  const columns = series.map((each) => ({ label: each.label, values: inTens(each, by) }));
  const newest = times.at(-1) ?? 0;
  return (
    <ScrollBox className="table-scroll" label={`${title} in numbers`}>
      <table
        className="plain-table number"
        aria-label={`${title}, ${by === 'sum' ? 'sums of' : 'most in'} ten seconds`}
      >
        <thead>
          <tr>
            <th scope="col">Until</th>
            {columns.map(({ label }) => (
              <th scope="col" key={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: times.length / 10 }, (_, i) => i).map((i) => (
            <tr key={i}>
              <th scope="row">{new Date((newest - i * 10) * 1000).toLocaleTimeString('en-GB')}</th>
              {columns.map(({ label, values }) => {
                const value = values[i];
                return <td key={label}>{value === null || value === undefined ? '–' : format(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
