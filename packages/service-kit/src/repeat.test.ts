import { expect, test } from 'vitest';
import { repeat } from './repeat.ts';

test('work is repeated whatever it throws, one after the other, until it is no longer wanted', async () => {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const ignore = () => {};
  const log = { debug: ignore, info: ignore, warn: ignore, error: (fields: object) => failures.push(fields) };
  const failure = new Error('once');
  let times = 0;
  let working = 0;
  const work = async () => {
    working += 1;
    expect(working).toBe(1);
    await Promise.resolve();
    working -= 1;
    times += 1;
    if (times === 1) throw failure;
    if (times === 3) stop.abort();
  };
  await repeat(work, 1, stop.signal, log);
  expect(times).toBe(3);
  expect(failures).toEqual([{ err: failure }]);
  await repeat(work, 60_000, stop.signal, log);
  expect(times).toBe(3);
});
