import { type Measurement, measurement, unable } from '../report.ts';
import { type Case, caseName } from './cases.ts';
import { type BesideGoals, CPU_GOAL, goalsOf, MEMORY_GOAL } from './goals.ts';
import type { Sample } from './measure.ts';
import { median } from './median.ts';
import type { Measured } from './rounds.ts';

const BENCH = 'envelope';

interface Able extends Case {
  readonly samples: readonly Sample[];
}

/** The table: every engine's throughput and memory, and ours once beside each kind of engine that a goal is set by. */
export function toRows(measured: readonly Measured[]): Measurement[] {
  const able = measured.flatMap(({ result, ...each }) =>
    'samples' in result ? [{ ...each, samples: result.samples }] : [],
  );
  return measured.flatMap(({ result, ...each }) => {
    if ('unable' in result) return [unable(labels(each, 'throughput', 'MB/s'), result.unable)];
    return rowsOf({ ...each, samples: result.samples }, able);
  });
}

function rowsOf(each: Able, all: readonly Able[]): Measurement[] {
  const isOurs = each.engine.role === 'ours';
  const beside = all.filter((other) => sameCase(each, other));
  return [
    ...(isOurs ? besideRows(each, beside, goalsOf(each)) : [throughput(each, beside)]),
    ...memoryRow(each),
    ...cpuRow(each),
  ];
}

/** An engine with a format of its own stands beside every suite. */
const sameCase = (a: Case, b: Case): boolean =>
  a.operation === b.operation &&
  a.size === b.size &&
  (a.suite === b.suite || a.engine.suites === 'own format' || b.engine.suites === 'own format');

const rate = ({ size, samples }: Able): number => size / 1e6 / median(samples.map(({ seconds }) => seconds));

const fastest = (of: readonly Able[]): Able | undefined => of.toSorted((a, b) => rate(b) - rate(a))[0];

const labels = (each: Case, metric: string, unit: string) => ({
  bench: BENCH,
  case: caseName(each),
  engine: each.engine.name,
  metric,
  unit,
});

function throughput(each: Able, beside: readonly Able[]): Measurement {
  const [limit] = beside.filter(({ engine }) => engine.role === 'limit');
  const row = { ...labels(each, 'throughput', 'MB/s'), value: rate(each) };
  const hasLimit = limit !== undefined && each.suite !== undefined && each.engine.role !== 'limit';
  return measurement({ ...row, ...(hasLimit ? { limit: rate(limit) } : {}) });
}

function besideRows(each: Able, beside: readonly Able[], goals: BesideGoals): Measurement[] {
  const bare = beside.some(({ engine }) => engine.role === 'limit');
  const row = (metric: string, other: Able | undefined, goal: number | undefined): Measurement[] => {
    if (other === undefined) return [];
    const facts = { ...labels(each, metric, 'MB/s'), value: rate(each), limit: rate(other) };
    return [{ ...measurement(goal === undefined ? facts : { ...facts, goal }), note: other.engine.name }];
  };
  const of = (role: Case['engine']['role']): Able[] => beside.filter(({ engine }) => engine.role === role);
  const asDocumented = of('javascript').filter(({ engine }) => engine.setting === undefined);
  return [
    ...(bare ? row('throughput', fastest(of('limit')), goals.limit) : [throughput(each, [])]),
    ...of('openssl').flatMap((other) => row(`throughput beside ${other.engine.name}`, other, goals.openssl)),
    ...row('throughput beside the fastest JavaScript peer', fastest(of('javascript')), goals.javascript),
    ...row('throughput beside the fastest at its defaults', fastest(asDocumented), undefined),
  ];
}

function memoryRow(each: Able): Measurement[] {
  const peaks = each.samples.flatMap(({ peakMemory }) =>
    peakMemory === undefined ? [] : [peakMemory / 1e6],
  );
  if (peaks.length === 0) return [];
  // The highest, not the median: that is what a peak is.
  const row = { ...labels(each, 'peak memory', 'MB'), value: Math.max(...peaks), better: 'lower' as const };
  return [measurement(each.engine.role === 'ours' ? { ...row, goal: MEMORY_GOAL } : row)];
}

/** Of the cipher alone as well, so that one sees what is not ours. */
function cpuRow(each: Able): Measurement[] {
  const { role } = each.engine;
  const isAsked = each.operation === 'seal' && each.size === CPU_GOAL.size;
  if (!isAsked || (role !== 'ours' && role !== 'limit')) return [];
  const value = median(each.samples.map(({ cpuSeconds }) => cpuSeconds * 1000));
  const row = { ...labels(each, 'CPU', 'ms'), value, better: 'lower' as const };
  return [measurement(role === 'ours' ? { ...row, goal: CPU_GOAL.milliseconds } : row)];
}
