/**
 * One measurement, as `--json` prints it. `ratio` is value over limit; `ok` says whether the goal was reached. Without a
 * value, it could not be measured, and `note` says why.
 */
export interface Measurement {
  readonly bench: string;
  readonly case: string;
  readonly engine: string;
  readonly metric: string;
  readonly unit: string;
  readonly value?: number;
  readonly limit?: number;
  readonly ratio?: number;
  readonly goal?: number;
  readonly better: 'higher' | 'lower';
  readonly ok?: boolean;
  /** For people. */
  readonly note?: string;
}

type Measured = Omit<Measurement, 'ratio' | 'ok' | 'better' | 'value'> & {
  readonly value: number;
  readonly better?: Measurement['better'];
};

/** Rounds, and works out ratio and `ok`, so that no bench does so in its own way. */
export function measurement({ value, limit, goal, better = 'higher', ...rest }: Measured): Measurement {
  const ratio = limit === undefined ? undefined : value / limit;
  const judged = ratio ?? value;
  return {
    ...rest,
    value: round(value),
    ...(limit === undefined ? {} : { limit: round(limit) }),
    ...(ratio === undefined ? {} : { ratio: round(ratio) }),
    ...(goal === undefined ? {} : { goal, ok: better === 'higher' ? judged >= goal : judged <= goal }),
    better,
  };
}

/** What could not be measured is said, so that nobody takes it for forgotten. */
export const unable = (
  what: Pick<Measurement, 'bench' | 'case' | 'engine' | 'metric' | 'unit'>,
  why: string,
): Measurement => ({ ...what, better: 'higher', note: `unable: ${why}` });

const round = (value: number) => Number(value.toPrecision(3));

const COLUMNS = [
  'case',
  'engine',
  'metric',
  'value',
  'unit',
  'limit',
  'ratio',
  'goal',
  'ok',
  'note',
] as const;

export function printTable(rows: readonly Measurement[]): void {
  const text = rows.map((row) => COLUMNS.map((column) => String(row[column] ?? '')));
  const widths = COLUMNS.map((column, i) =>
    Math.max(column.length, ...text.map((cells) => cells[i]?.length ?? 0)),
  );
  for (const cells of [COLUMNS, ...text])
    console.log(
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
