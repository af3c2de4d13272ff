import { expect, test } from 'vitest';
import { createTally, NOT_APPLICABLE, outcomeOf, type Verdict } from './verdict.ts';

const verdict = (expected: string, got: string): Verdict => ({
  id: 'file/1',
  expected,
  got,
  ms: 1,
  reason: '',
});

test.each([
  ['valid', 'valid', 'passed'],
  ['invalid', 'invalid', 'passed'],
  ['acceptable', 'valid', 'passed'],
  ['acceptable', 'invalid', 'passed'],
  ['valid', 'invalid', 'failed'],
  ['invalid', 'valid', 'failed'],
  ['invalid', 'error', 'failed'],
  ['acceptable', 'error', 'failed'],
  ['valid', NOT_APPLICABLE, 'notApplicable'],
])('expected %s and got %s is %s', (expected, got, outcome) => {
  expect(outcomeOf(verdict(expected, got), {})).toBe(outcome);
});

test('an exception is counted apart, and says why', () => {
  const tally = createTally('wycheproof', { 'file/1': 'reviewed' });
  expect(tally.add(verdict('valid', 'invalid'))).toMatchObject({ got: 'invalid', reason: 'reviewed' });
  tally.add({ ...verdict('valid', 'invalid'), id: 'file/2' });
  expect(tally.summary()).toMatchObject({ cases: 2, passed: 0, failed: 1, excepted: 1 });
});
