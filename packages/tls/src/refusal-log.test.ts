import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRefusalLog } from './refusal-log.ts';
import { noteTlsLog } from './testing/tls-folder.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('however many are refused, the log grows slowly, and says how many there were', () => {
  const { lines, log } = noteTlsLog();
  const refusals = createRefusalLog(log, Date.now);
  for (let second = 0; second < 55; second += 1) {
    for (let peer = 0; peer < 1_000; peer += 1) refusals.say('warn', { peer }, 'a peer was refused');
    vi.advanceTimersByTime(1_000);
  }
  const counts = lines.flatMap(({ fields }) => (typeof fields.count === 'number' ? [fields.count] : []));
  // A hundred at once, one a second, and a count every ten.
  expect(lines.length - counts.length).toBe(154);
  expect(counts).toHaveLength(5);
  refusals[Symbol.dispose]();
  const last = lines.at(-1)?.fields.count;
  expect(counts.reduce((sum, count) => sum + count, Number(last))).toBe(55_000 - 154);
  expect(vi.getTimerCount()).toBe(0);
});

test('after a while of peace every one is said again', () => {
  const { lines, log } = noteTlsLog();
  using refusals = createRefusalLog(log, Date.now);
  for (let peer = 0; peer < 101; peer += 1) refusals.say('warn', { peer }, 'a peer was refused');
  vi.advanceTimersByTime(100_000);
  const before = lines.length;
  for (let peer = 0; peer < 100; peer += 1) refusals.say('info', { peer }, 'a peer was refused');
  expect(lines.length - before).toBe(100);
});
