import { expect, test } from 'vitest';
import { benchTls } from './bench-tls.ts';
import { parseTlsOptions } from './options.ts';
import { type Round, rowsOf } from './rows.ts';

test('the smallest case runs, and has a row for each engine and goal', async () => {
  const said: string[] = [];
  const options = { rounds: 1, mebibytes: 1, milliseconds: 20 };
  const rows = await benchTls(options, (line) => said.push(line));
  expect(said).toEqual([expect.stringMatching(/^round 1: download \d+ \d+ \d+, .* handshakes \d+ \d+$/)]);
  expect(rows).toHaveLength(14);
  for (const row of rows) expect(row.value).toBeGreaterThan(0);
  const judged = rows.filter(({ goal }) => goal !== undefined);
  expect(judged.map((row) => [row.case, row.engine, row.goal])).toEqual([
    ['download', 'sealtrack, mutual TLS', 0.9],
    ['upload', 'sealtrack, mutual TLS', 0.9],
    ['unary', 'sealtrack, mutual TLS', 0.5],
    ['handshake', 'sealtrack, mutual TLS', 0.7],
  ]);
}, 60_000);

test('ratios are made of medians', () => {
  const round = (secured: number, plaintext: number, bare: number): Round => {
    const rates = {
      'sealtrack, mutual TLS': secured,
      'sealtrack, plaintext': plaintext,
      'grpc-js alone, mutual TLS': bare,
    };
    return {
      streams: { download: rates, upload: rates, unary: rates },
      handshakes: { judging: secured, bare },
    };
  };
  const rows = rowsOf([round(80, 400, 100), round(90, 300, 300), round(200, 200, 200)]);
  const secured = { engine: 'sealtrack, mutual TLS', value: 90 };
  expect(rows).toContainEqual(
    expect.objectContaining({ ...secured, metric: 'throughput', limit: 200, ratio: 0.45, ok: false }),
  );
  expect(rows).toContainEqual(
    expect.objectContaining({ ...secured, metric: 'throughput beside plaintext', limit: 300, ratio: 0.3 }),
  );
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
