import { type Case, caseName } from './cases.ts';
import type { Sample } from './measure.ts';
import type { Unable } from './run-measurement.ts';

/** All that was measured of a case, at least once; or why it was not. */
export type Result = Unable | { readonly samples: readonly Sample[] };

export interface Measured extends Case {
  readonly result: Result;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly measure: (each: Case) => Promise<Sample | Unable>;
  readonly isTimeUp: () => boolean;
  readonly say: (line: string) => void;
}

/** A JavaScript peer that took longer than this is not measured again, unless the fastest of them is about as slow. */
const SLOW_SECONDS = 10;
const ABOUT = 1.5;

/** Each case once in a round, so that a busy spell of the machine meets all of them and not one alone. */
export async function measureInRounds(cases: readonly Case[], options: RoundsOptions): Promise<Measured[]> {
  const results = new Map<Case, Result>();
  for (let round = 1; round <= options.rounds; round++) {
    for (const each of cases) {
      const before = results.get(each);
      if (before !== undefined && ('unable' in before || !isWorthRepeating(each, results))) continue;
      const samples = before?.samples ?? [];
      if (options.isTimeUp()) {
        if (before === undefined) results.set(each, { unable: 'not measured, the time of the run was up' });
        continue;
      }
      const sample = await options.measure(each);
      options.say(progress(each, round, sample));
      if (!('unable' in sample)) results.set(each, { samples: [...samples, sample] });
      // Once able is able: a later failure shows in the progress.
      else if (before === undefined) results.set(each, sample);
    }
  }
  return cases.map((each) => ({ ...each, result: results.get(each) ?? { unable: 'not measured' } }));
}

function isWorthRepeating(each: Case, results: ReadonlyMap<Case, Result>): boolean {
  if (each.engine.role !== 'javascript') return true;
  const seconds = (of: Case): number => {
    const result = results.get(of);
    return result !== undefined && 'samples' in result
      ? (result.samples[0]?.seconds ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
  };
  if (seconds(each) <= SLOW_SECONDS) return true;
  const peers = [...results.keys()].filter(({ engine }) => engine.role === 'javascript');
  return each.operation === 'seal' && seconds(each) <= ABOUT * Math.min(...peers.map(seconds));
}

function progress(each: Case, round: number, sample: Sample | Unable): string {
  const what = `${caseName(each).padEnd(20)} ${each.engine.name.padEnd(24)} round ${round}`;
  if ('unable' in sample) return `${what}  unable: ${sample.unable}`;
  const rate = Number((each.size / 1e6 / sample.seconds).toPrecision(3));
  const memory =
    sample.peakMemory === undefined ? '' : `, ${(sample.peakMemory / 1e6).toFixed(0)} MB of memory`;
  return `${what}  ${rate} MB/s${memory}`;
}
