import { expect, test } from 'vitest';
import { createFailureBudget } from './failure-budget.ts';

function budgetOf(perMinute: number) {
  const time = { ms: 0 };
  const budget = createFailureBudget(perMinute, () => time.ms);
  const fail = (id: string, times: number) => {
    for (let i = 0; i < times; i += 1) budget.failed(id);
  };
  return { budget, time, fail };
}

test('so many failures, then one each time that one comes back, and all after a minute', () => {
  const { budget, time, fail } = budgetOf(30);
  fail('a', 29);
  expect(budget.waitMs('a')).toBe(0);
  fail('a', 1);
  expect(budget.waitMs('a')).toBe(2_000);
  time.ms = 1_999;
  expect(budget.waitMs('a')).toBe(1);
  time.ms = 2_000;
  expect(budget.waitMs('a')).toBe(0);
  fail('a', 1);
  expect(budget.waitMs('a')).toBe(2_000);
  time.ms = 62_000;
  fail('a', 29);
  expect(budget.waitMs('a')).toBe(0);
  expect(budget.waitMs('b')).toBe(0);
});

test('what was under way counts, and costs no more than two minutes', () => {
  const { budget, fail } = budgetOf(30);
  fail('a', 40);
  expect(budget.waitMs('a')).toBe(22_000);
  fail('a', 1_000);
  expect(budget.waitMs('a')).toBe(62_000);
});

test('who failed and has all of it back is forgotten', () => {
  const { budget, time, fail } = budgetOf(60);
  for (let i = 0; i < 10_000; i += 1) {
    fail(`caller-${i}`, 1);
    time.ms += 10;
  }
  // A hundred fail in the second that it takes.
  expect(budget.size).toBeLessThanOrEqual(210);
});
