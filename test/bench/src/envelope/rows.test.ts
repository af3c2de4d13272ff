import { describe, expect, test } from 'vitest';
import { ENGINES } from './engines.ts';
import type { Sample } from './measure.ts';
import { median } from './median.ts';
import type { Measured } from './rounds.ts';
import { toRows } from './rows.ts';

const MB = 1_000_000;

/** An engine of the table that took so long, one number a round. */
function measured(
  name: string,
  size: number,
  seconds: readonly number[],
  more: Partial<Sample> = {},
): Measured {
  const engine = ENGINES.find((each) => each.name === name);
  if (engine === undefined) throw new Error(`no engine is called ${name}`);
  const samples = seconds.map((each) => ({ runs: 1, seconds: each, cpuSeconds: each, ...more }));
  const suite = engine.suites === 'own format' ? {} : { suite: 'pkcs7' as const };
  return { engine, operation: 'seal', ...suite, size, result: { samples } };
}

describe('median', () => {
  test.for([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 2, 100], 3],
    [[10, 9], 9.5],
  ] as const)('of %j is %d', ([values, expected]) => {
    expect(median(values)).toBe(expected);
  });

  test('of nothing there is none', () => {
    expect(() => median([])).toThrow('nothing');
  });
});

test('we stand beside the limit, both ways of OpenSSL and the fastest peer, by medians', () => {
  const rows = toRows([
    measured('bare cipher', 230 * MB, [0.2, 0.23, 9]),
    measured('sealtrack', 230 * MB, [0.25, 0.1, 0.3]),
    measured('openssl cms', 230 * MB, [1, 1, 1]),
    measured('openssl cms -stream', 230 * MB, [0.5, 0.5, 0.5]),
    measured('node-forge', 230 * MB, [20]),
    measured('aws-encryption-sdk', 230 * MB, [2, 2, 2]),
    measured('aws-encryption-sdk tuned', 230 * MB, [1, 1, 1]),
  ]);
  const ours = rows.filter(({ engine }) => engine === 'sealtrack');
  expect(ours).toMatchObject([
    { metric: 'throughput', value: 920, limit: 1000, ratio: 0.92, goal: 0.85, ok: true },
    { metric: 'throughput beside openssl cms', limit: 230, ratio: 4, ok: true },
    { metric: 'throughput beside openssl cms -stream', limit: 460, ratio: 2, ok: true },
    { limit: 230, ratio: 4, goal: 3, ok: true, note: 'aws-encryption-sdk tuned' },
    { limit: 115, ratio: 8, note: 'aws-encryption-sdk' },
  ]);
  expect(rows.find(({ engine }) => engine === 'node-forge')).toMatchObject({
    case: 'seal pkcs7 230 MB',
    value: 11.5,
    ratio: 0.0115,
  });
  expect(rows.find(({ engine }) => engine === 'aws-encryption-sdk')).toEqual({
    bench: 'envelope',
    case: 'seal 230 MB',
    engine: 'aws-encryption-sdk',
    metric: 'throughput',
    unit: 'MB/s',
    value: 115,
    better: 'higher',
  });
});

test('no goal is set beside the start of an OpenSSL process', () => {
  const rows = toRows([measured('sealtrack', 480_000, [0.001]), measured('openssl cms', 480_000, [0.01])]);
  expect(rows.find(({ metric }) => metric.endsWith('openssl cms'))).toMatchObject({ ratio: 10 });
  expect(rows.find(({ metric }) => metric.endsWith('openssl cms'))).not.toHaveProperty('ok');
});

test('a minute of telephone has a goal for its CPU time', () => {
  const cpu = (size: number) =>
    toRows([measured('sealtrack', size, [0.5], { cpuSeconds: 0.0009 })]).find(
      ({ metric }) => metric === 'CPU',
    );
  expect(cpu(480_000)).toMatchObject({ value: 0.9, unit: 'ms', goal: 1, better: 'lower', ok: true });
  expect(cpu(MB)).toBeUndefined();
});

test('the highest peak counts, and only ours is judged', () => {
  const withPeak = (name: string, peakMemory: number) => measured(name, MB, [1], { peakMemory });
  const rows = toRows([withPeak('sealtrack', 151 * MB), withPeak('bare cipher', 200 * MB)]);
  const memory = rows.filter(({ metric }) => metric === 'peak memory');
  expect(memory).toMatchObject([{ value: 151, goal: 150, ok: false }, { value: 200 }]);
  expect(memory[1]).not.toHaveProperty('ok');
});

test('opening is judged beside OpenSSL alone, more strictly from 1 GiB on', () => {
  const goals = (size: number) =>
    toRows(
      [
        measured('bare cipher', size, [1]),
        measured('sealtrack', size, [1]),
        measured('openssl cms', size, [5]),
      ].map((each) => ({ ...each, operation: 'open' as const })),
    ).flatMap(({ goal, metric, ok }) => (goal === undefined ? [] : [{ metric, goal, ok }]));
  expect(goals(480_000)).toEqual([]);
  expect(goals(230 * MB)).toEqual([{ metric: 'throughput beside openssl cms', goal: 4, ok: true }]);
  expect(goals(2 ** 30)).toEqual([{ metric: 'throughput beside openssl cms', goal: 8, ok: false }]);
});

test('an engine that is unable has a row that says why', () => {
  const rows = toRows([{ ...measured('node-forge', 2 ** 31, []), result: { unable: 'more than 60 s' } }]);
  expect(rows).toEqual([
    {
      bench: 'envelope',
      case: 'seal pkcs7 2 GiB',
      engine: 'node-forge',
      metric: 'throughput',
      unit: 'MB/s',
      better: 'higher',
      note: 'unable: more than 60 s',
    },
  ]);
});
