import { expect, test } from 'vitest';
import { benchTls } from './bench-tls.ts';
import { parseTlsOptions } from './options.ts';
import { CASES, type EngineName, type Round, rowsOf } from './rows.ts';

test('the smallest case runs, and has a row for each engine and goal', async () => {
  const said: string[] = [];
  const options = { rounds: 1, mebibytes: 1, milliseconds: 20 };
  const rows = await benchTls(options, (line) => said.push(line));
  expect(said).toEqual([
    expect.stringMatching(/^round 1: download ours \d+, .*; handshake ours \d+, bare \d+$/),
  ]);
  for (const row of rows) expect(row.value).toBeGreaterThan(0);
  const judged = rows.filter(({ goal }) => goal !== undefined);
  const beside = 'per CPU second beside the library';
  expect(judged.map((row) => [row.case, row.metric, row.goal])).toEqual([
    ['download', `throughput ${beside}`, 0.9],
    ['upload', `throughput ${beside}`, 0.9],
    ['unary', `calls ${beside}`, 0.4],
    ['handshake', `handshakes ${beside}`, 0.5],
  ]);
  expect(rows.filter(({ case: name }) => name === 'upload')).toHaveLength(5);
}, 60_000);

test('ratios are made of medians', () => {
  const round = (ours: number, plaintext: number, bare: number): Round => ({
    slices: CASES.flatMap((name) =>
      Object.entries({ ours, plaintext, bare }).map(([engine, value]) => ({
        name,
        engine: engine as EngineName,
        rate: { perSecond: value, perCpuSecond: value / 10 },
      })),
    ),
  });
  const rows = rowsOf([round(80, 400, 100), round(90, 300, 300), round(200, 200, 200)]);
  const ours = { case: 'upload', engine: 'sealtrack, mutual TLS' };
  const row = (more: object) => expect.objectContaining({ ...ours, ...more });
  expect(rows).toContainEqual(row({ metric: 'throughput', value: 90, limit: 200, ratio: 0.45 }));
  const perCpuSecond = 'throughput per CPU second beside';
  expect(rows).toContainEqual(
    row({ metric: `${perCpuSecond} the library`, value: 9, limit: 20, goal: 0.9, ok: false }),
  );
  expect(rows).toContainEqual(row({ metric: `${perCpuSecond} plaintext`, limit: 30, ratio: 0.3 }));
});

test('options', () => {
  expect(parseTlsOptions([])).toEqual({ rounds: 5, mebibytes: 64, milliseconds: 500 });
  expect(parseTlsOptions(['--rounds', '1', '--mib', '8', '--ms', '50'])).toEqual({
    rounds: 1,
    mebibytes: 8,
    milliseconds: 50,
  });
  expect(parseTlsOptions(['--help'])).toBeUndefined();
  for (const wrong of [['--rounds', '0'], ['--mib', 'x'], ['--what'], ['8']])
    expect(() => parseTlsOptions(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
