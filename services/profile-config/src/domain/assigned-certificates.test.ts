import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { expect, test } from 'vitest';
import { certificate, idOf, inDays, list, profile } from '../testing/watch-parts.ts';
import { createSummarize, type Settings, withRevoked } from './assigned-certificates.ts';

const ca = async (commonName: string, days: number) =>
  (await createSelfSigned({ commonName, notBefore: inDays(-1000), notAfter: inDays(days) })).certificateDer;
const [issuer, root] = await Promise.all([ca('Issuing CA', 40), ca('Root', 90)]);
const summarizeOne = (assigned: ReturnType<typeof certificate>) => {
  const value = profile('demo', '1', [assigned]);
  return createSummarize()({ kind: 'profile', value }).lists[0]?.certificates[0];
};
const end = (days: number) => inDays(days).getTime();

test.each([
  ['itself', 30, '', 30],
  ['its issuer', 60, 'CN=Issuing CA', 40],
  ['its issuer, not its root', 100, 'CN=Issuing CA', 40],
])('a certificate ends with %s, which is first', (_, days, endsWith, first) => {
  const summary = summarizeOne(certificate('a', days, { chain: [issuer, root] }));
  expect(summary).toMatchObject({ endsWith, end: end(first) });
});

test('what is above it and cannot be read ends nothing, and what has no dates has no end', () => {
  const chain = [Buffer.from('?'), root];
  expect(summarizeOne(certificate('a', 100, { chain }))).toMatchObject({ end: end(90), endsWith: 'CN=Root' });
  const undated = certificate('a', 1, { notAfter: new Date(Number.NaN), notBefore: undefined });
  expect(summarizeOne(undated)).toMatchObject({ end: Number.POSITIVE_INFINITY });
});

const settings = (): Settings => ({
  kind: 'profile',
  value: profile('demo', '1', [certificate('a', 5), certificate('b', 5)], {
    ...{ policy: 'required', screen: list(certificate('a', 5)), digital: list(certificate('c', 5)) },
  }),
});
test('a certificate is marked wherever it is, and nothing else is changed', () => {
  const before = settings();
  const after = withRevoked(before, new Set([idOf('a'), idOf('z')]));
  if (after?.kind !== 'profile' || before.kind !== 'profile') throw new Error('it is no profile');
  expect(after.value.certificates.map(({ revoked }) => revoked)).toEqual([true, false]);
  expect(after.value.screen?.certificates).toEqual([{ ...certificate('a', 5), revoked: true }]);
  expect(after.value.digital).toEqual(before.value.digital);
  expect({ ...after.value, certificates: [], screen: undefined }).toEqual({
    ...{ ...before.value, certificates: [], screen: undefined },
  });
  expect(before).toEqual(settings());
});

test('there is nothing to change where it is marked, or not there', () => {
  const marked = withRevoked(settings(), new Set([idOf('a')]));
  expect(marked && withRevoked(marked, new Set([idOf('a')]))).toBeUndefined();
  expect(withRevoked(settings(), new Set([idOf('z')]))).toBeUndefined();
});

test('media types without settings of their own get none', () => {
  const value = profile('demo', '1', [certificate('a', 5)]);
  const after = withRevoked({ kind: 'profile', value }, new Set([idOf('a')]));
  expect(after?.value).toMatchObject({ screen: undefined, digital: undefined });
});
