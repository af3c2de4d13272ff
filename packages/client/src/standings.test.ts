import { AppError } from '@sealtrack/errors/app-error';
import { expect, test } from 'vitest';
import { createStandings } from './standings.ts';

const servers = ['a:1', 'b:1', 'c:1'].map((address) => ({ address }));
const [A, B, C] = servers as [{ address: string }, { address: string }, { address: string }];

test('each of many media has a server of its own, which stays when another one goes', () => {
  const media = Array.from({ length: 300 }, (_, i) => `demo/call-${i}/main`);
  const all = createStandings(servers, () => 0);
  const fewer = createStandings([A, B], () => 0);
  const share = (server: object) => media.filter((each) => all.inOrder(each)[0] === server);
  for (const server of servers) expect(share(server).length).toBeGreaterThan(50);
  expect(share(A).map((each) => fewer.inOrder(each)[0])).toEqual(share(A).map(() => A));
});

test('those that failed are the last for some seconds, the first of them before the others', () => {
  let now = 0;
  const standings = createStandings(servers, () => now);
  const usual = standings.inOrder('x');
  standings.failed(B);
  now = 1_000;
  standings.failed(A);
  expect(standings.inOrder('x')).toEqual([C, B, A]);
  standings.answered(A);
  expect(standings.inOrder('x').at(-1)).toBe(B);
  now = 6_000;
  expect(standings.inOrder('x')).toEqual(usual);
});

test('a busy one is left alone for as long as it said', () => {
  let now = 0;
  const standings = createStandings(servers, () => now);
  const error = new AppError('TOO_MANY_CALLS', 'Too many', { fix: 'Wait.' });
  standings.refused(A, error, 300);
  now = 100;
  expect(standings.refusal(A)).toEqual({ ms: 200, error });
  expect(standings.refusal(B)).toBeUndefined();
  now = 300;
  expect(standings.refusal(A)).toBeUndefined();
});
