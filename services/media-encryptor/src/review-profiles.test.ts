import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { type Crl, parseCrl } from '@sealtrack/certificates/x509/crl';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { ecKeys, issueCrl, leaf, NOW, root, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createProfileWatch } from './adapters/profile-watch.ts';
import { createReviewProfiles } from './review-profiles.ts';

const ca = { name: 'Root', keys: ecKeys() };
const chain = [root('Root', ca.keys)];
const keys = rsaKeys();
const years = (n: number) => new Date(NOW.getTime() + n * 365 * 24 * 3600 * 1000);
const recording = (name: string, serial: number, dates = {}) =>
  leaf({ name, keys }, ca, { serial, ...dates });
const good = recording('Good', 1);
const other = recording('Other', 2);
const waiting = recording('Waiting', 3, { notBefore: years(0.5), notAfter: years(2) });
const over = recording('Over', 4, { notBefore: years(-2), notAfter: years(-1) });

const patiently = { timeout: 10_000, interval: 2 };

afterEach(() => void vi.useRealTimers());

function setUp(accept: 'any' | 'roots' = 'any') {
  const lists = { roots: chain.map(parseX509) as readonly X509[], crls: [] as readonly Crl[] };
  const trust = { accept, roots: () => lists.roots, crls: () => lists.crls };
  const { log, lines } = noteLines();
  const clock = () => NOW;
  const profiles = createProfileWatch({ trust, clock, log });
  const review = createReviewProfiles({ profiles, clock, log });
  const stored = new Map<string, { key: string; revision: number; value: Buffer }>();
  let revision = 0;
  const push = (...changes: (readonly [key: string, value: Buffer | undefined])[]) => {
    for (const [key, value] of changes) {
      if (value === undefined) stored.delete(key);
      else stored.set(key, { key, revision: ++revision, value });
    }
    profiles.startOn({ entries: [...stored.values()], revision, currentAt: NOW, savedAt: NOW });
    return revision;
  };
  const stop = new AbortController();
  const running = review.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  const found = () =>
    review.reviewed().refused.map(({ key, reason, certificateId }) => [key, reason, certificateId !== '']);
  const reviewedTo = (n: number) => vi.waitUntil(() => review.reviewed().revision === n, patiently);
  return { lists, review, push, found, reviewedTo, lines };
}

const profile = (...ders: Buffer[]) => {
  const certificates = ders.map((der) => ({ der, chain }));
  return Buffer.from(
    JSON.stringify(
      IvrProfile.toJSON(IvrProfile.fromPartial({ profileId: '101', suite: 'pkcs7', certificates })),
    ),
  );
};

test('dates are no refusal; what cannot be read is one, until it is saved again or gone', async () => {
  const { push, found, reviewedTo, lines } = setUp();
  await reviewedTo(push(['demo.101', profile(good, other, waiting, over)]));
  expect(found()).toEqual([]);
  await reviewedTo(
    push(['demo.101', Buffer.from('{')], ['demo.screen', Buffer.from('')], ['odd', profile()]),
  );
  expect(found().toSorted()).toEqual([
    ['demo.101', 'INVALID_ARGUMENT', false],
    ['demo.screen', 'INVALID_ARGUMENT', false],
    ['odd', 'INVALID_ARGUMENT', false],
  ]);
  expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(3);
  await reviewedTo(push(['demo.101', profile(good)], ['demo.screen', undefined], ['odd', undefined]));
  expect(found()).toEqual([]);
});

test('certificates are refused by the trust of this encryptor, and no more when it changes', async () => {
  const { lists, review, push, found, reviewedTo } = setUp('roots');
  await reviewedTo(push(['demo.101', profile(good, waiting, over)], ['demo.102', Buffer.from('')]));
  expect(found()).toEqual([['demo.102', 'INVALID_ARGUMENT', false]]);
  const told = vi.fn();
  review.changes(told);

  // One that waits for its first day is looked at as it will be then.
  lists.roots = [];
  review.again();
  await vi.waitUntil(() => told.mock.calls.length === 1, patiently);
  expect(found().filter(([key]) => key === 'demo.101')).toEqual([
    ['demo.101', 'root-untrusted', true],
    ['demo.101', 'root-untrusted', true],
  ]);

  lists.roots = chain.map(parseX509);
  lists.crls = [parseCrl(issueCrl({ issuer: 'Root', issuerKeys: ca.keys, revoked: [{ serial: 1 }] }))];
  review.again();
  await vi.waitUntil(() => told.mock.calls.length === 2, patiently);
  expect(found().filter(([key]) => key === 'demo.101')).toEqual([['demo.101', 'revoked', true]]);
  expect(review.reviewed().refused.find(({ reason }) => reason === 'revoked')).toMatchObject({
    revision: 1,
    message: expect.stringContaining('CN=Good'),
    nextStep: expect.any(String),
  });
});

test('what thousands of profiles have is found in turns, and the revision is that of the last', async () => {
  const { certificateDer } = await createSelfSigned({ commonName: 'Shared', notBefore: years(-1) });
  const { push, found, reviewedTo, lines } = setUp();
  const many = Array.from(
    { length: 3_000 },
    (_, i) => [`demo.${1_000 + i}`, profile(certificateDer)] as const,
  );
  const last = push(...many);
  await reviewedTo(last);
  // Each names another profile than its key.
  expect(found()).toHaveLength(3_000);
  expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(21);
});
