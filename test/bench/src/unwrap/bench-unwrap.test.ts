import { expect, test } from 'vitest';
import { benchUnwrap } from './bench-unwrap.ts';
import { parseUnwrapOptions } from './options.ts';
import { type Round, rowsOf } from './rows.ts';

test('the smallest case runs, and has a row for each engine and goal', async () => {
  const said: string[] = [];
  const options = { sizes: [2048], rounds: 1, milliseconds: 100 };
  const rows = await benchUnwrap(options, (line) => said.push(line));
  expect(said.at(-1)).toMatch(/^2048 round 1: bare \d+ \d+, one by one \d+, batches of 64 \d+/);
  for (const row of rows) expect(row).toMatchObject({ bench: 'unwrap', value: expect.any(Number) });
  const judged = rows.filter(({ goal }) => goal !== undefined);
  expect(judged.map((row) => [row.case, row.metric, row.goal])).toEqual([
    ['RSA 2048, one by one', 'unwraps', 0.5],
    ['RSA 2048, one by one', 'event loop held up by itself', 5],
    ['RSA 2048, batches of 64', 'unwraps', 0.85],
    ['RSA 2048, batches of 64', 'event loop held up by itself', 5],
  ]);
  for (const engine of ['bare privateDecrypt, 2 threads', 'openssl speed -multi 2', 'sealtrack'])
    expect(rows.find((row) => row.engine === engine)?.value).toBeGreaterThan(0);
}, 120_000);

test('ratios are made of medians, and the event loop is judged by its worst moment', () => {
  const slice = (rate: number, busy: number) => ({
    rate,
    cores: { server: 1, client: 1 },
    loop: { busy, delay: 2 * busy },
  });
  const round = (bare: number, ours: number, busy: number): Round => ({
    bare: [{ rate: bare, cores: { bare: 2 } }],
    openssl: 500,
    sealtrack: [
      { ...slice(ours, busy), name: 'one by one' },
      { ...slice(2 * ours, 1), name: 'batches of 64' },
    ],
  });
  const rows = rowsOf(4096, [round(100, 80, 1), round(300, 90, 6), round(200, 200, 1)]);
  expect(rows).toContainEqual(
    expect.objectContaining({
      case: 'RSA 4096, one by one',
      metric: 'unwraps',
      value: 90,
      limit: 200,
      ratio: 0.45,
      goal: 0.85,
      ok: false,
    }),
  );
  const batches = { case: 'RSA 4096, batches of 64', metric: 'unwraps', value: 180, ratio: 0.9, ok: true };
  expect(rows).toContainEqual(expect.objectContaining(batches));
  const loop = rows.filter(({ metric }) => metric === 'event loop held up by itself');
  expect(loop.map(({ value, ok }) => [value, ok])).toEqual([
    [6, false],
    [1, true],
  ]);
});

test('options', () => {
  expect(parseUnwrapOptions([])).toEqual({ sizes: [2048, 3072, 4096], rounds: 5, milliseconds: 1000 });
  expect(parseUnwrapOptions(['--sizes', '2048,4096', '--rounds', '1', '--ms', '200'])).toEqual({
    sizes: [2048, 4096],
    rounds: 1,
    milliseconds: 200,
  });
  expect(parseUnwrapOptions(['--help'])).toBeUndefined();
  for (const wrong of [['--sizes', '1024'], ['--rounds', '0'], ['--what'], ['2048']])
    expect(() => parseUnwrapOptions(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
