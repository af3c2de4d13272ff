import { expect, test } from 'vitest';
import { visibleRows } from './visible-rows.ts';

test.each([
  [500, 0, { from: 0, to: 24 }],
  [500, 3000, { from: 94, to: 124 }],
  [500, 14_460, { from: 476, to: 500 }],
  [3, 0, { from: 0, to: 3 }],
  [0, 0, { from: 0, to: 0 }],
  // Fewer than before: what was scrolled to is no longer there.
  [3, 14_460, { from: 3, to: 3 }],
])('of %d rows, scrolled to %d', (count, scrolledTo, expected) => {
  expect(visibleRows(count, 30, scrolledTo, 540)).toEqual(expected);
});
