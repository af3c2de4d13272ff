import { expect, test } from 'vitest';
import { barsOf } from './bars.ts';

test('every peak is in a bar, and none is hidden by a quieter one', () => {
  const peaks = Array.from({ length: 1000 }, (_, i) => (i === 777 ? 255 : 10));
  const bars = barsOf(peaks, 299);
  expect(bars).toHaveLength(100);
  expect(bars.filter(({ peak }) => peak === 1)).toEqual([{ x: 231, width: 2, peak: 1 }]);
  expect(bars.findIndex(({ peak }) => peak === 1)).toBe(77);
});

test.each([
  [[0, 128, 255], 299],
  [Array.from({ length: 997 }, () => 5), 311],
  [[1], 10],
])('bars fill the width from end to end', (peaks, width) => {
  const bars = barsOf(peaks, width);
  const last = bars.at(-1);
  expect(bars[0]?.x).toBe(0);
  expect((last?.x ?? 0) + (last?.width ?? 0)).toBeCloseTo(width, 6);
});

test('without peaks, or without room, there are none', () => {
  expect(barsOf([], 300)).toEqual([]);
  expect(barsOf([1, 2], 0)).toEqual([]);
});
