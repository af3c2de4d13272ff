import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';
import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, expect, test } from 'vitest';
import { createKvProfiles } from './adapters/kv-profiles.ts';
import { createAssignCertificates } from './assign-certificates.ts';
import { createCreateProfile } from './create-profile.ts';
import { createGetProfile } from './get-profile.ts';
import { createListProfiles } from './list-profiles.ts';

const server = await testNats();
const bus = await connectBus({ url: server.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
await ensureStreams(bus);
const options = { existsCode: 'PROFILE_EXISTS', conflictCode: 'PROFILE_CONFLICT' } as const;
const kv = openKv(bus, BUCKETS.profiles, options);
const refused: unknown[] = [];
const ignore = () => {};
const error = (fields: unknown) => refused.push(fields);
const profiles = createKvProfiles(kv, { debug: ignore, info: ignore, warn: ignore, error });
const HELD = ['a'.repeat(64), 'b'.repeat(64), 'd'.repeat(64)];
const [ONE, OTHER] = await Promise.all(
  ['One', 'Other'].map((commonName) => createSelfSigned({ commonName })),
);
const ders = new Map([
  [HELD[0], ONE?.certificateDer],
  [HELD[1], OTHER?.certificateDer],
  // The same issuer and serial number as the first, as a careless authority hands out.
  [HELD[2], ONE?.certificateDer],
]);
const TWO = HELD.slice(0, 2);
const certificates = {
  async get(_tenant: string, certificateId: CertificateId) {
    if (!HELD.includes(certificateId))
      throw new AppError('KEY_NOT_HELD', 'nobody has it', { fix: 'import it' });
    const validity = { notBefore: new Date(0), notAfter: new Date(1e12) };
    const der = ders.get(certificateId) ?? Buffer.alloc(0);
    return { certificateId, keyId: certificateId, alias: 'one', der, chain: [], ...validity };
  },
};
const announcer = { profileChanged: async () => {} };
const create = createCreateProfile(profiles, announcer);
const assign = createAssignCertificates(profiles, certificates, announcer);
const get = createGetProfile(profiles);
const list = createListProfiles(profiles);

const newProfile = (profileId: string) => create({ tenantId: 'demo', profileId, name: 'Sales', suite: '' });
const assigning = (profileId: string, certificateIds: string[], expectedRevision = 0n) =>
  assign({ tenantId: 'demo', profileId, certificateIds, expectedRevision });

test('a profile is created once, and keeps what is assigned to it', async () => {
  const { profile } = await newProfile('1');
  expect(profile).toMatchObject({ name: 'Sales', suite: 'pkcs7', certificates: [] });
  await expect(newProfile('1')).rejects.toMatchObject({ code: 'PROFILE_EXISTS' });

  const assigned = await assigning('1', TWO);
  expect(assigned.profile?.revision).toBeGreaterThan(profile?.revision ?? 0n);
  expect(await get({ tenantId: 'demo', profileId: '1' })).toEqual(assigned);
});

test('one certificate that nobody can open keeps all of them from being assigned', async () => {
  await newProfile('2');
  await expect(assigning('2', [HELD[0] ?? '', 'c'.repeat(64)])).rejects.toMatchObject({
    code: 'KEY_NOT_HELD',
  });
  expect((await get({ tenantId: 'demo', profileId: '2' })).profile?.certificates).toEqual([]);
});

test('two administrators at once: one change is made, the other refused', async () => {
  const { profile } = await newProfile('3');
  const both = await Promise.allSettled(TWO.map((id) => assigning('3', [id], profile?.revision)));
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find((each) => each.status === 'rejected')?.reason).toMatchObject({ code: 'PROFILE_CONFLICT' });
});

test('a change to what is not there any more, or never was, is refused', async () => {
  const { profile } = await newProfile('4');
  await assigning('4', TWO);
  await expect(assigning('4', TWO, profile?.revision)).rejects.toMatchObject({ code: 'PROFILE_CONFLICT' });
  await expect(assigning('5', TWO)).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
});

test('two certificates that an envelope could not tell apart are refused', async () => {
  await newProfile('6');
  await expect(assigning('6', [HELD[0] ?? '', HELD[2] ?? ''])).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('issuer and serial number'),
    details: { field: 'certificate_ids' },
  });
  expect((await get({ tenantId: 'demo', profileId: '6' })).profile?.certificates).toEqual([]);
});

test.each([
  ['certificate_ids', []],
  ['certificate_ids', Array.from({ length: 17 }, (_, i) => i.toString(16).padStart(64, '0'))],
  ['certificate_id', ['not-hex']],
])('a wrong %s is refused by name', async (field, ids) => {
  await expect(assigning('1', ids)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
});

test('a profile has the suite that was asked for, and no other than there are', async () => {
  const request = { tenantId: 'suites', profileId: '1', name: 'x' };
  expect((await create({ ...request, suite: 'cms' })).profile).toMatchObject({ suite: 'cms' });
  await expect(create({ ...request, profileId: '2', suite: 'rot13' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    details: { field: 'suite' },
  });
});

test('the list is that of the tenant, in the order of the numbers', async () => {
  for (const profileId of ['20', '3'])
    await create({ tenantId: 'other', profileId, name: 'x', suite: 'pkcs7' });
  const { profiles: listed } = await list({ tenantId: 'other' });
  expect(listed.map(({ profileId }) => profileId)).toEqual(['3', '20']);
});

test('a profile that cannot be read is left out of the list and logged, and hides no other', async () => {
  await kv.create('torn.1', Buffer.from('garbage'));
  await create({ tenantId: 'torn', profileId: '2', name: 'Sales', suite: '' });
  expect((await list({ tenantId: 'torn' })).profiles).toMatchObject([{ profileId: '2' }]);
  expect(refused).toMatchObject([{ profile: 'torn.1' }]);
});
