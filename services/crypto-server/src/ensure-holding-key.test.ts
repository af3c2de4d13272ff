import { readdirSync, readFileSync } from 'node:fs';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { checkKeyMatches } from '@sealtrack/certificates/private-key';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, KeyId, TenantId } from '@sealtrack/ids/ids';
import { oneAtATime } from '@sealtrack/sealed-store/one-at-a-time';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { expect, test } from 'vitest';
import { createRedisHoldingKeys } from './adapters/redis-holding-keys.ts';
import { createCertificateTrust } from './domain/certificate-trust.ts';
import { deleteUntil } from './domain/deletion.ts';
import { createEnsureHoldingKey, type EnsureHoldingKeyDeps } from './ensure-holding-key.ts';
import { createGetCertificate } from './get-certificate.ts';
import { holdingCertificates } from './holding-certificates.ts';
import { cryptoParts } from './testing/crypto-parts.ts';

const { redis, backup, backupPath, certificates, privateKeys, keys } = await cryptoParts();
const holdingKeys = createRedisHoldingKeys(redis, {});
const trust = createCertificateTrust({ accept: 'roots', profile: 'strict', roots: () => [], crls: () => [] });
const judge = (certificate: Certificate) => trust.judge(certificate, new Date());

/** One crypto server. */
const server = (over: Partial<EnsureHoldingKeyDeps> = {}) =>
  createEnsureHoldingKey({
    ...{ holdingKeys, certificates, privateKeys, backup, judge, log: noteLines().log },
    ...{ clock: () => new Date(), exclusive: oneAtATime(), ...over },
  });
const ensure = server();

let tenants = 0;
const newTenant = () => `tenant-${++tenants}` as TenantId;
const idOf = async (asking: ReturnType<typeof ensure>) =>
  ((await asking).certificate?.certificateId ?? '') as CertificateId;
const copies = (tenantId: string) => readdirSync(`${backupPath}/${tenantId}`);
const held = async (tenantId: TenantId) => (await holdingCertificates(certificates, tenantId, 'also')).length;

test('the key is made, sealed, copied and marked, has no end, and is asked for again in vain', async () => {
  const tenantId = newTenant();
  const { certificate } = await ensure({ tenantId });
  expect(certificate).toMatchObject({
    ...{ tenantId, holding: true, alias: 'holding key', keyBits: 3072, trust: 'none', hasPrivateKey: true },
    ...{ subject: `CN=Sealtrack holding key,O=${tenantId}`, decryptOnly: false, problem: 'holding' },
    notAfter: new Date('9999-12-31T23:59:59Z'),
  });
  if (certificate === undefined) return;
  const info = parseCertificate(certificate.der);
  const key = await privateKeys.get(tenantId, info.keyId);
  if (key === undefined) throw new Error('no private key');
  checkKeyMatches(info, key);
  const copy = JSON.parse(readFileSync(`${backupPath}/${tenantId}/${info.certificateId}.json`, 'utf8'));
  expect(copy.certificate).toMatchObject({ holding: true, certificateId: info.certificateId });
  expect(copy.sealedKey).toBe(await privateKeys.getSealed(tenantId, info.keyId));
  expect(await redis.client.get(`st:{${tenantId}}:holding`)).toBe(info.certificateId);
  expect((await ensure({ tenantId })).certificate).toEqual(certificate);
});

test('it can be assigned to nothing: asked for, it has a problem', async () => {
  const tenantId = newTenant();
  const certificateId = await idOf(ensure({ tenantId }));
  const get = createGetCertificate(certificates, privateKeys, judge);
  const { certificate } = await get({ tenantId, certificateId });
  expect(certificate).toMatchObject({ problem: 'holding', problemText: /assigned to nothing/ });
});

test('each tenant has its own', async () => {
  const [one, other] = [
    await idOf(ensure({ tenantId: newTenant() })),
    await idOf(ensure({ tenantId: newTenant() })),
  ];
  expect(one).not.toBe(other);
});

test('many who ask at once, of two servers, get one, and nothing of another is left', async () => {
  const tenantId = newTenant();
  const other = server();
  const ids = await Promise.all(
    [1, 2, 3].flatMap(() => [idOf(ensure({ tenantId })), idOf(other({ tenantId }))]),
  );
  expect(new Set(ids).size).toBe(1);
  expect(await held(tenantId)).toBe(1);
  expect(await keys.count(tenantId)).toBe(1);
  expect(copies(tenantId)).toEqual([`${ids[0]}.json`]);
});

test('of two that were both made whole, the one that was claimed first stays, and the other goes', async () => {
  const tenantId = newTenant();
  let other: CertificateId | undefined;
  const slow = server({
    holdingKeys: {
      ...holdingKeys,
      // Between having stored its own and claiming it, another server comes along that has not seen it.
      async claim(tenant, before, next) {
        const blind = {
          ...certificates,
          page: async () => ({ certificates: [], total: 0, next: undefined }),
        };
        other ??= await idOf(server({ certificates: blind })({ tenantId }));
        return await holdingKeys.claim(tenant, before, next);
      },
    },
  });
  expect(await idOf(slow({ tenantId }))).toBe(other);
  expect(await held(tenantId)).toBe(1);
  expect(await keys.count(tenantId)).toBe(1);
  expect(copies(tenantId)).toEqual([`${other}.json`]);
});

const crash = async (): Promise<never> => {
  throw new AppError('SEALED_STORE_UNAVAILABLE', 'It died here', { fix: 'Ask again.' });
};

test.each<[string, Partial<EnsureHoldingKeyDeps>]>([
  ['before the key is sealed', { privateKeys: { ...privateKeys, add: crash } }],
  ['before there is a copy', { backup: { ...backup, keep: crash } }],
  ['before the certificate is stored', { certificates: { ...certificates, add: crash } }],
  ['before it is claimed', { holdingKeys: { ...holdingKeys, claim: crash } }],
  [
    'before its claim is known to be durable',
    {
      holdingKeys: {
        ...holdingKeys,
        claim: async (...asked) => [await holdingKeys.claim(...asked), await crash()][0] as string,
      },
    },
  ],
])('a crash %s is healed by whoever asks next', async (_, broken) => {
  const tenantId = newTenant();
  await expect(server(broken)({ tenantId })).rejects.toMatchObject({ code: 'SEALED_STORE_UNAVAILABLE' });
  const id = await idOf(ensure({ tenantId }));
  expect(await idOf(ensure({ tenantId }))).toBe(id);
  expect(await held(tenantId)).toBe(1);
  expect(copies(tenantId)).toContain(`${id}.json`);
  const certificate = await certificates.get(tenantId, id);
  expect(await privateKeys.get(tenantId, certificate?.keyId as KeyId)).toBeDefined();
});

test('where only the claim was lost, what is sealed already stays the key', async () => {
  const tenantId = newTenant();
  const id = await idOf(ensure({ tenantId }));
  await redis.client.del(`st:{${tenantId}}:holding`);
  expect(await idOf(ensure({ tenantId }))).toBe(id);
  expect(await held(tenantId)).toBe(1);
});

test('one that was there stays when another is claimed: recordings may be sealed to it', async () => {
  const tenantId = newTenant();
  const id = await idOf(ensure({ tenantId }));
  await redis.client.del(`st:{${tenantId}}:holding`);
  let other: CertificateId | undefined;
  const slow = server({
    holdingKeys: {
      ...holdingKeys,
      async claim(tenant, before, next) {
        const blind = {
          ...certificates,
          page: async () => ({ certificates: [], total: 0, next: undefined }),
        };
        other ??= await idOf(server({ certificates: blind })({ tenantId }));
        return await holdingKeys.claim(tenant, before, next);
      },
    },
  });
  expect(await idOf(slow({ tenantId }))).toBe(other);
  expect(other).not.toBe(id);
  const { keyId } = (await certificates.get(tenantId, id)) as Certificate;
  expect(await privateKeys.get(tenantId, keyId as KeyId)).toBeDefined();
  expect(copies(tenantId)).toContain(`${id}.json`);
});

test('one that is deleted is not claimed where the claim was lost', async () => {
  const tenantId = newTenant();
  const id = await idOf(ensure({ tenantId }));
  const certificate = (await certificates.get(tenantId, id)) as Certificate;
  const deletion = deleteUntil({ recordings: 0n, approvers: [] }, new Date(), 60_000);
  await certificates.replace(certificate, { ...certificate, deletion });
  await redis.client.del(`st:{${tenantId}}:holding`);
  expect(await idOf(ensure({ tenantId }))).not.toBe(id);
});

test.each(['deleted', 'gone', 'no holding key', 'no id'])(
  'a claimed one that is %s makes place for a new one',
  async (how) => {
    const tenantId = newTenant();
    const id = await idOf(ensure({ tenantId }));
    const certificate = (await certificates.get(tenantId, id)) as Certificate;
    const deletion = deleteUntil({ recordings: 0n, approvers: [] }, new Date(), 60_000);
    if (how === 'deleted') await certificates.replace(certificate, { ...certificate, deletion });
    if (how === 'gone') await certificates.remove(certificate);
    if (how === 'no holding key') await certificates.replace(certificate, { ...certificate, holding: false });
    if (how === 'no id') await redis.client.set(`st:{${tenantId}}:holding`, '../../x');
    const next = await idOf(ensure({ tenantId }));
    expect(next).not.toBe(id);
    expect(await idOf(ensure({ tenantId }))).toBe(next);
  },
);

test('one whose private key does not open is no key to seal anything to', async () => {
  const tenantId = newTenant();
  const id = await idOf(ensure({ tenantId }));
  const { keyId } = (await certificates.get(tenantId, id)) as Certificate;
  await redis.client.set(`st:{${tenantId}}:key:${keyId}`, 'broken');
  await expect(ensure({ tenantId })).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
  await redis.client.del(`st:{${tenantId}}:key:${keyId}`);
  await expect(ensure({ tenantId })).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
});

test('a caller who went away while others were served makes nothing', async () => {
  const tenantId = newTenant();
  await expect(ensure({ tenantId }, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow(
    'gone',
  );
  expect(await keys.count(tenantId)).toBe(0);
  await expect(ensure({ tenantId: 'De mo' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
