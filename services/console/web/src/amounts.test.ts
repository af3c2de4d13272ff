import { expect, test } from 'vitest';
import { formatBytes, formatClock, formatDuration, spokenClock } from './amounts.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [480_000, '480 kB'],
  [1_920_044, '1.9 MB'],
  [999_600, '1.0 MB'],
  [36e9, '36.0 GB'],
])('%d bytes are %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});

test.each([
  [0, '0 ms'],
  [41.6, '42 ms'],
  [1234, '1.2 s'],
  [9960, '10 s'],
  [200_000, '3 min 20 s'],
  [180_000, '3 min'],
  [7_380_000, '2 h 3 min'],
  [183_600_000, '2 d 3 h'],
])('%d ms are %s', (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected);
});

test.each([
  [0, '0:00', '0 seconds'],
  [7.9, '0:07', '7 seconds'],
  [61, '1:01', '1 minute 1 second'],
  [3723, '1:02:03', '1 hour 2 minutes 3 seconds'],
  [Number.NaN, '0:00', '0 seconds'],
])('%d s into a recording is %s', (seconds, shown, said) => {
  expect(formatClock(seconds)).toBe(shown);
  expect(spokenClock(seconds)).toBe(said);
});
