import { expect, test } from 'vitest';
import { countTests } from './run-tests.ts';

const results = (extra: object): string =>
  JSON.stringify({
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
    ...extra,
  });

test('counts what passed, failed and was left out', () => {
  expect(countTests(results({}), true)).toEqual({ passed: 5, failed: 0, skipped: 2 });
  const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }];
  expect(countTests(results({ numFailedTests: 1, testResults }), false)).toMatchObject({ failed: 1 });
});

test('a file that could not be loaded is a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }];
  expect(countTests(results({ testResults }), false)).toMatchObject({ failed: 1 });
});

test('a run that failed is never shown as a success', () => {
  expect(countTests(results({}), false)).toMatchObject({ failed: 1 });
  expect(countTests(undefined, true)).toMatchObject({ failed: 1 });
});
