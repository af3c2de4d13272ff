import { expect, test } from 'vitest';
import { seekByKey, seekByPoint } from './seek.ts';

test.each([
  ['ArrowRight', 10, 15],
  ['ArrowLeft', 3, 0],
  ['PageUp', 80, 90],
  ['PageDown', 40, 10],
  ['Home', 40, 0],
  ['End', 40, 90],
  ['a', 40, undefined],
  ['toString', 40, undefined],
])('%s at %d s of 90 goes to %s', (key, at, expected) => {
  expect(seekByKey(key, at, 90)).toBe(expected);
});

test('a point is a moment, and none outside of the recording', () => {
  expect(seekByPoint(150, 600, 120)).toBe(30);
  expect(seekByPoint(-5, 600, 120)).toBe(0);
  expect(seekByPoint(700, 600, 120)).toBe(120);
  expect(seekByPoint(5, 0, 120)).toBe(0);
});
