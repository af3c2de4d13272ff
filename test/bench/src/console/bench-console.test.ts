import { expect, test } from 'vitest';
import { benchConsole } from './bench-console.ts';
import { parseConsoleOptions } from './options.ts';

test('the smallest case runs, counts exactly, and has a row for each goal', async () => {
  const size = { rate: 100, seconds: 1, readers: 2, certificates: 3, samples: 1, mebibytes: 1, rounds: 1 };
  const said: string[] = [];
  const rows = await benchConsole(size, (line) => said.push(line));
  expect(said).toContain('100 events, 100 a second, 2 readers …');
  for (const row of rows) expect(row).toMatchObject({ bench: 'console', value: expect.any(Number) });
  const live = 'live, 100 events/s, 2 readers';
  expect(
    rows.filter(({ goal }) => goal !== undefined).map((row) => [row.case, row.metric, row.goal]),
  ).toEqual([
    [live, 'missed, or counted twice, by readers', 0],
    [live, 'missed, or read twice, by the bare consumer', 0],
    [live, 'from publishing to the second, p99', 1_500],
    ['certificates, 3 of them', 'p50, beside gRPC by hand', 2],
    ['recordings, a page of 50', 'p50, beside gRPC by hand', 2],
    ['media, 1 MiB', 'beside the gateway', 0.9],
  ]);
  expect(rows.filter(({ goal }) => goal === 0).map(({ value }) => value)).toEqual([0, 0]);
  const sealing = rows.filter(({ unit }) => unit === 'MB/CPU s');
  expect(sealing.map((row) => row.case)).toEqual(['sealing, pcm16 stereo', 'sealing, mu-law']);
  for (const { value, limit } of sealing) expect(Math.min(value ?? 0, limit ?? 0)).toBeGreaterThan(0);
}, 120_000);

test('options', () => {
  expect(parseConsoleOptions([])).toEqual({
    ...{ rate: 1_000, seconds: 8, readers: 5, certificates: 200, samples: 60, mebibytes: 64, rounds: 5 },
  });
  expect(parseConsoleOptions(['--rate', '50', '--mib', '2'])).toMatchObject({ rate: 50, mebibytes: 2 });
  expect(parseConsoleOptions(['--help'])).toBeUndefined();
  for (const wrong of [['--rate', '0'], ['--mib', 'x'], ['--what'], ['7']])
    expect(() => parseConsoleOptions(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
