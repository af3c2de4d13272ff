import { expect, test } from 'vitest';
import { type Conditions, isRangeOf, judgeConditions } from './conditions.ts';

const none: Conditions = { ifMatch: undefined, ifNoneMatch: undefined, ifRange: undefined };
const TAG = '"abc"';

test.each<[Partial<Conditions>, string | undefined, string]>([
  [{}, TAG, 'go on'],
  [{ ifNoneMatch: TAG }, TAG, 'not modified'],
  [{ ifNoneMatch: `"x", W/${TAG}` }, TAG, 'not modified'],
  [{ ifNoneMatch: '*' }, TAG, 'not modified'],
  [{ ifNoneMatch: '"x"' }, TAG, 'go on'],
  [{ ifNoneMatch: 'abc' }, TAG, 'go on'],
  [{ ifNoneMatch: '""' }, undefined, 'go on'],
  [{ ifMatch: `"x",${TAG}` }, TAG, 'go on'],
  [{ ifMatch: '*' }, undefined, 'go on'],
  [{ ifMatch: `W/${TAG}` }, TAG, 'failed'],
  [{ ifMatch: '"x"' }, TAG, 'failed'],
  [{ ifMatch: TAG }, undefined, 'failed'],
  [{ ifMatch: '"x"', ifNoneMatch: TAG }, TAG, 'failed'],
])('%o of %s: %s', (conditions, tag, verdict) => {
  expect(judgeConditions({ ...none, ...conditions }, tag)).toBe(verdict);
});

test.each<[string | undefined, string | undefined, boolean]>([
  [undefined, TAG, true],
  [TAG, TAG, true],
  [`W/${TAG}`, TAG, false],
  ['"x"', TAG, false],
  [TAG, undefined, false],
  ['Wed, 21 Oct 2026 07:28:00 GMT', TAG, false],
])('If-Range: %s of %s is %s', (ifRange, tag, expected) => {
  expect(isRangeOf({ ...none, ifRange }, tag)).toBe(expected);
});
