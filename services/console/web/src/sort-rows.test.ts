import { expect, test } from 'vitest';
import { sortRows } from './sort-rows.ts';

const sorted = (values: readonly (string | number | null)[], descending = false) =>
  sortRows(values, (value) => value, descending);

test('numbers within names count as numbers, case does not count', () => {
  expect(sorted(['b10', 'B9', 'a'])).toEqual(['a', 'B9', 'b10']);
});

test('what has no value is last, whichever way round', () => {
  expect(sorted([null, 2, 10, 1])).toEqual([1, 2, 10, null]);
  expect(sorted([null, 2, 10, 1], true)).toEqual([10, 2, 1, null]);
});

test('equals keep their order', () => {
  const rows = ['a1', 'a2', 'b'];
  expect(sortRows(rows, (row) => row[0], true)).toEqual(['b', 'a1', 'a2']);
});
