import { SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import type { Operation } from './engine.ts';
import type { Engine } from './engines.ts';
import type { EnvelopeOptions } from './options.ts';
import { formatSize } from './sizes.ts';

/** One engine at one job. */
export interface Case {
  readonly engine: Engine;
  readonly operation: Operation;
  /** Absent where the engine has a format of its own: the one measurement stands beside both suites. */
  readonly suite?: SuiteName;
  /** Of the plaintext, in bytes. */
  readonly size: number;
}

/** Cases that are measured in turn, round after round, on the same input. */
export interface Group {
  readonly cases: readonly Case[];
  readonly operation: Operation;
  readonly size: number;
  /** What there is to open: a CMS file of this suite, or what the only engine of the group sealed itself. */
  readonly input: 'plaintext' | 'cms file' | 'own file';
  readonly suite?: SuiteName;
}

export const caseName = ({ operation, suite, size }: Omit<Case, 'engine'>): string =>
  [operation, ...(suite === undefined ? [] : [suite]), formatSize(size)].join(' ');

/** All that is asked for at one size, in the order in which it is measured. */
export function groupsOf(size: number, options: EnvelopeOptions): readonly Group[] {
  const isExtra = !options.sizes.includes(size);
  const engines = options.engines.filter(({ role }) => !isExtra || role !== 'javascript');
  const wants = (operation: Operation): boolean =>
    options.operations.includes(operation) && !(isExtra && operation === 'seal');
  return [
    ...(wants('seal') ? [sealGroup(size, engines, options.suites)] : []),
    ...(wants('open') ? openGroups(size, engines, options.suites) : []),
  ].filter(({ cases }) => cases.length > 0);
}

function sealGroup(size: number, engines: readonly Engine[], suites: readonly SuiteName[]): Group {
  const cases = engines.flatMap((engine) => casesOf(engine, 'seal', size, suites));
  return { cases, operation: 'seal', size, input: 'plaintext' };
}

function openGroups(size: number, engines: readonly Engine[], suites: readonly SuiteName[]): Group[] {
  const cases = engines
    .filter(({ opens }) => opens)
    .flatMap((engine) => casesOf(engine, 'open', size, suites));
  const cms = suites.map((suite): Group => {
    const same = cases.filter((each) => each.engine.opensCms && each.suite === suite);
    return { cases: same, operation: 'open', size, input: 'cms file', suite };
  });
  const own = cases
    .filter(({ engine }) => !engine.opensCms)
    .map((each): Group => ({ cases: [each], operation: 'open', size, input: 'own file' }));
  return [...cms, ...own];
}

function casesOf(engine: Engine, operation: Operation, size: number, suites: readonly SuiteName[]): Case[] {
  const { suites: known } = engine;
  if (known === 'own format') return [{ engine, operation, size }];
  return SUITE_NAMES.filter((suite) => suites.includes(suite) && known.includes(suite)).map((suite) => ({
    engine,
    operation,
    suite,
    size,
  }));
}
