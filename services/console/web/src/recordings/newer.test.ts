import { expect, test } from 'vitest';
import { countNewer } from './newer.ts';

const recording = (recordingId: string, minute: number) => ({
  recordingId,
  storedAt: new Date(minute * 60_000).toISOString(),
});

test('those count that were stored since, whenever they began, and not those that move up', () => {
  const shown = [recording('a', 10), recording('b', 9)];
  expect(countNewer(shown, shown)).toBe(0);
  expect(countNewer(shown, [recording('c', 11), recording('a', 10), recording('late', 12)])).toBe(2);
  expect(countNewer(shown, [recording('b', 9), recording('moved-up', 3)])).toBe(0);
  expect(countNewer([], [recording('a', 10)])).toBe(1);
});
