import { describe, expect, test } from 'vitest';
import { certificate, DAY_MS, idOf, inDays, list, NOW, profile } from '../testing/watch-parts.ts';
import { createSummarize, type Settings } from './assigned-certificates.ts';
import { countWithoutUsable, expiringOf, watchedOf, withinOf } from './expiry.ts';

const now = NOW.getTime();
const summarize = createSummarize();
const ofProfile = (...[tenantId, profileId, certificates, more]: Parameters<typeof profile>) =>
  summarize({ kind: 'profile', value: profile(tenantId, profileId, certificates, more) });
const ofScreen = (tenantId: string, ...certificates: ReturnType<typeof certificate>[]) => {
  const value = { tenantId, certificates, policy: '', revision: 0n };
  return summarize({ kind: 'screen', value } satisfies Settings);
};

test.each([
  [-1, 0],
  [0, 1],
  [DAY_MS, 1],
  [DAY_MS + 1, 7],
  [7 * DAY_MS, 7],
  [14 * DAY_MS, 14],
  [14 * DAY_MS + 1, 30],
  [60 * DAY_MS, 60],
  [60 * DAY_MS + 1, undefined],
  [Number.POSITIVE_INFINITY, undefined],
])('%d ms before the end it is within %s days', (left, within) => {
  expect(withinOf(now + left, now)).toBe(within);
});

test('a certificate is watched once for each tenant, wherever it is, and ends with the first chain that does', () => {
  const a = certificate('a', 20);
  const watched = watchedOf([
    ofProfile('demo', '2', [a], { digital: list(a) }),
    ofProfile('demo', '1', [certificate('a', 10), certificate('b', 50)]),
    ofProfile('other', '1', [a]),
  ]);
  expect(
    watched.map(({ tenantId, certificateId, end, holders }) => [
      ...[tenantId, certificateId[0], (end - now) / DAY_MS, holders.map(({ holder }) => holder).join()],
    ]),
  ).toEqual([
    ['demo', 'a', 10, '2,1'],
    ['demo', 'b', 50, '1'],
    ['other', 'a', 20, '1'],
  ]);
});

describe('who is left without', () => {
  const leaving = certificate('a', 5);
  const leftWithout = (other: ReturnType<typeof certificate>[], more = {}, at = now) => {
    const [watched] = watchedOf([ofProfile('demo', '1', [leaving, ...other], more)]);
    return watched && expiringOf(watched, 7, at).leftWithout;
  };

  test.each([
    ['nobody else', []],
    ['one that ends at the same time', [certificate('b', 5)]],
    ['one that ends before', [certificate('b', 3)]],
    ['one that begins later', [certificate('b', 90, { notBefore: inDays(6) })]],
    ['one that is used from later on', [certificate('b', 90, { useFrom: inDays(6) })]],
    ['one that is revoked', [certificate('b', 90, { revoked: true })]],
  ])('is one with %s', (_, other) => expect(leftWithout(other)).toEqual(['1']));

  test.each([
    ['one that is valid longer', [certificate('b', 90)]],
    ['one that begins in time', [certificate('b', 90, { notBefore: inDays(5), useFrom: inDays(5) })]],
    ['two, of which one is valid then', [certificate('b', 2), certificate('c', 6)]],
    ['one without an end', [certificate('b', 0, { notAfter: undefined, notBefore: undefined })]],
  ])('is not one with %s', (_, other) => expect(leftWithout(other)).toEqual([]));

  test('is judged by the time it is, once it has expired', () => {
    expect(leftWithout([certificate('b', 8)], {}, inDays(7).getTime())).toEqual([]);
    expect(leftWithout([certificate('b', 8)], {}, inDays(9).getTime())).toEqual(['1']);
  });

  test('is one in any media type, and none whose policy is off', () => {
    expect(leftWithout([certificate('b', 90)], { screen: list(leaving) })).toEqual(['1']);
    expect(leftWithout([], { policy: 'off' })).toEqual([]);
    expect(leftWithout([], { policy: 'optional' })).toEqual(['1']);
  });

  test('is named by 100 at most, the screen settings before them', () => {
    const many = Array.from({ length: 150 }, (_, i) => ofProfile('demo', String(i + 1), [leaving]));
    const [watched] = watchedOf([...many, ofScreen('demo', leaving)]);
    const said = watched && expiringOf(watched, 7, now);
    expect(said).toMatchObject({ screen: true, certificateId: idOf('a') });
    expect(said?.profileIds).toEqual(Array.from({ length: 100 }, (_, i) => String(i + 1)));
    expect(said?.leftWithout).toEqual(['screen', ...Array.from({ length: 99 }, (_, i) => String(i + 1))]);
  });
});

test('profiles and screen settings without a certificate for now are counted, each once', () => {
  const [valid, expired] = [certificate('a', 5), certificate('b', -1)];
  const all = [
    ofProfile('demo', '1', [valid, expired]),
    ofProfile('demo', '2', [expired], { digital: list() }),
    ofProfile('demo', '3', [], { policy: 'off' }),
    ofProfile('demo', '4', [], { deleted: true }),
    ofProfile('demo', '5', [valid], { screen: list({ ...certificate('c', 5), revoked: true }) }),
    ofProfile('demo', '6', [certificate('d', 5, { notBefore: inDays(1) })]),
    ofScreen('demo'),
    ofScreen('other', valid),
  ];
  expect(countWithoutUsable(all, now)).toBe(4);
});
