import { expect, test } from 'vitest';
import { returnPath } from './return-path.ts';

test.each([
  ['/t/demo/certificates?q=a', '/t/demo/certificates?q=a'],
  [null, '/'],
  ['', '/'],
  ['https://evil.example/', '/'],
  ['//evil.example/', '/'],
  ['/\\evil.example/', '/'],
  ['/\t/evil.example/', '/'],
  ['/.//evil.example/', '/'],
  ['/x/..//evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/sign-in?to=/sign-in', '/'],
])('after signing in one comes from %j to %s', (to, expected) => {
  expect(returnPath(to)).toBe(expected);
});
