import { expect, test } from 'vitest';
import { benchPlayback } from './bench-playback.ts';
import { GATEWAY, HTTPS, OURS, PEERS } from './downloads.ts';
import { parsePlaybackOptions } from './options.ts';
import { percentile } from './percentile.ts';
import { downloadRows, firstByteRows, listenerRows } from './rows.ts';

test('the smallest cases run, and have a row for each goal', async () => {
  const said: string[] = [];
  const only = ['download', 'first-byte', 'listeners'] as const;
  const size = { mebibytes: 1, largeMebibytes: 2, samples: 1, listeners: 2, seconds: 1 };
  const rows = await benchPlayback({ only, rounds: 1, ...size }, (line) => said.push(line));
  expect(said.at(-1)).toMatch(/^2 listeners, ranges by gRPC, ms: firstP50 \d/);
  for (const row of rows) expect(row).toMatchObject({ bench: 'playback', value: expect.any(Number) });
  const judged = rows.filter(({ goal }) => goal !== undefined);
  expect(judged.map((row) => [row.case, row.metric, row.goal])).toEqual([
    ['download', 'throughput beside the best grpc-js', 0.7],
    ['download', 'throughput per CPU second beside the best grpc-js', 0.7],
    ['first byte', 'cold, beside the bare three', 1.5],
    ['first byte', 'warm, beside cold', 0.4],
    ['first byte', 'cold at the end of the large one, beside the start of 1 MB', 1.1],
    ['first byte', 'warm at the end of the large one, beside the start of 1 MB', 1.1],
    ['2 listeners', 'gaps, p99', 100],
    ['2 listeners', 'gaps, p99', 100],
  ]);
}, 120_000);

test('the best of the bare ones is the limit, and what cannot be done without is added up', () => {
  const rate = (engine: string, value: number) => ({
    ...{ engine, perSecond: value, perCpuSecond: value / 2, perServerSecond: value, perClientSecond: value },
  });
  const [slow = '', fast = '', faster = ''] = PEERS;
  const measured = [
    rate(slow, 100),
    rate(fast, 200),
    rate(faster, 400),
    rate(HTTPS, 800),
    rate(GATEWAY, 150),
  ];
  const rows = downloadRows([...measured, rate(OURS, 280), rate(OURS, 300), rate(OURS, 200)]);
  const beside = {
    metric: 'throughput beside the best grpc-js',
    value: 280,
    limit: 400,
    ratio: 0.7,
    ok: true,
  };
  expect(rows).toContainEqual(expect.objectContaining(beside));
  const bare = { 'unary call': 1, 'RSA operation': 1, 'audit ack': 0.5 };
  const times = { cold: 4, warm: 1, 'cold, end of the large one': 4, 'warm, end of the large one': 1 };
  expect(firstByteRows({ ...bare, ...times })).toContainEqual(
    expect.objectContaining({ metric: 'cold, beside the bare three', limit: 2.5, ratio: 1.6, ok: false }),
  );
});

test('gaps are judged by their 99th percentile, where listeners have streams', () => {
  const waits = Array.from({ length: 200 }, (_, i) => i);
  expect([percentile(waits, 50), percentile(waits, 99), percentile([7], 99)]).toEqual([99, 197, 7]);
  const heard = { firstP50: 1, firstP99: 1, p50: 1, p99: 120, longest: 200, cores: { playback: 0.5 } };
  const rows = listenerRows(
    [
      { way: 'streams by HTTP', ...heard },
      { way: 'ranges by gRPC', ...heard },
    ],
    200,
  );
  expect(rows.filter(({ goal }) => goal !== undefined)).toEqual([
    expect.objectContaining({ engine: 'sealtrack, streams by HTTP', value: 120, ok: false }),
  ]);
});

test('options', () => {
  expect(parsePlaybackOptions([])).toMatchObject({ rounds: 4, largeMebibytes: 2048, listeners: 200 });
  expect(parsePlaybackOptions(['--only', 'memory,audit', '--mib', '8'])).toMatchObject({
    only: ['memory', 'audit'],
    mebibytes: 8,
  });
  expect(parsePlaybackOptions(['--help'])).toBeUndefined();
  for (const wrong of [['--only', 'x'], ['--rounds', '0'], ['--what'], ['8']])
    expect(() => parsePlaybackOptions(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
