import { expect, test } from 'vitest';
import { measurement, unable } from './report.ts';

const what = { bench: 'b', case: 'c', engine: 'e', metric: 'm', unit: 'MB/s' };

test('a goal beside a limit is one for the ratio', () => {
  const row = { ...what, value: 1234.5, limit: 1500, goal: 0.8 };
  expect(measurement(row)).toEqual({
    ...what,
    value: 1230,
    limit: 1500,
    ratio: 0.823,
    goal: 0.8,
    better: 'higher',
    ok: true,
  });
  expect(measurement({ ...row, goal: 0.83 }).ok).toBe(false);
});

test('a goal without a limit is one for the value', () => {
  const row = { ...what, value: 149.9, goal: 150, better: 'lower' as const };
  expect(measurement(row)).toEqual({ ...what, value: 150, goal: 150, better: 'lower', ok: true });
  expect(measurement({ ...row, value: 150.1 }).ok).toBe(false);
});

test('rounding for the reader does not decide over a goal', () => {
  expect(measurement({ ...what, value: 0.8499, limit: 1, goal: 0.85 })).toMatchObject({
    ratio: 0.85,
    ok: false,
  });
});

test('what could not be measured has a reason and neither value nor verdict', () => {
  expect(unable(what, 'more than 60 s')).toEqual({
    ...what,
    better: 'higher',
    note: 'unable: more than 60 s',
  });
});
