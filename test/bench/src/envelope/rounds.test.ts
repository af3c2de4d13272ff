import { expect, test } from 'vitest';
import type { Case } from './cases.ts';
import type { Role } from './engines.ts';
import type { Sample } from './measure.ts';
import { measureInRounds, type RoundsOptions } from './rounds.ts';
import type { Unable } from './run-measurement.ts';

const engine = (name: string, role: Role): Case => ({
  engine: { name, role, module: new URL('file:///none'), suites: 'own format', opensCms: false, opens: true },
  operation: 'seal',
  size: 1_000_000,
});
const took = (seconds: number): Sample => ({ runs: 1, seconds, cpuSeconds: seconds });

/** Measures with what each engine answers; returns the order in which they were asked, and the results. */
async function measure(
  cases: readonly Case[],
  answers: Readonly<Record<string, Sample | Unable>>,
  options: Partial<RoundsOptions> = {},
) {
  const asked: string[] = [];
  const measured = await measureInRounds(cases, {
    rounds: 3,
    isTimeUp: () => false,
    say: () => {},
    measure: async ({ engine: { name } }) => {
      asked.push(name);
      return answers[name] ?? { unable: 'unknown' };
    },
    ...options,
  });
  return { asked, results: Object.fromEntries(measured.map((each) => [each.engine.name, each.result])) };
}

test('in turn, round after round', async () => {
  const cases = [engine('a', 'limit'), engine('b', 'ours')];
  const { asked, results } = await measure(cases, { a: took(1), b: took(2) });
  expect(asked).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect(results).toEqual({
    a: { samples: [took(1), took(1), took(1)] },
    b: { samples: [took(2), took(2), took(2)] },
  });
});

test('who is unable is asked once', async () => {
  const cases = [engine('a', 'limit'), engine('b', 'javascript')];
  const { asked, results } = await measure(cases, { a: took(1), b: { unable: 'more than 60 s' } });
  expect(asked).toEqual(['a', 'b', 'a', 'a']);
  expect(results.b).toEqual({ unable: 'more than 60 s' });
});

test('of the slow JavaScript peers only the fastest are measured again, and everybody else is', async () => {
  const cases = [
    engine('slow openssl', 'openssl'),
    engine('fastest', 'javascript'),
    engine('as fast', 'javascript'),
    engine('slow', 'javascript'),
  ];
  const { asked } = await measure(cases, {
    'slow openssl': took(50),
    fastest: took(11),
    'as fast': took(16),
    slow: took(17),
  });
  expect(asked.filter((name) => name === 'slow')).toHaveLength(1);
  for (const name of ['slow openssl', 'fastest', 'as fast'])
    expect(asked.filter((each) => each === name)).toHaveLength(3);
});

test('when time is up, what was measured counts and what was not is said', async () => {
  const asked: string[] = [];
  const cases = [engine('a', 'limit'), engine('b', 'ours')];
  const { results } = await measure(cases, { a: took(1) }, { isTimeUp: () => asked.push('') > 1 });
  expect(results).toEqual({
    a: { samples: [took(1)] },
    b: { unable: 'not measured, the time of the run was up' },
  });
});
