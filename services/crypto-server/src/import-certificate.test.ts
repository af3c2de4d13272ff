import { createPrivateKey, createPublicKey } from 'node:crypto';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import type { TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { createKekFile, loadKekFile } from '@sealtrack/sealed-store/kek-file';
import { createRedisSealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { afterAll, expect, test } from 'vitest';
import { createRedisCertificates } from './adapters/redis-certificates.ts';
import { createSealedPrivateKeys } from './adapters/sealed-private-keys.ts';
import { createGetCertificate } from './get-certificate.ts';
import { createImportCertificate } from './import-certificate.ts';
import { createListCertificates } from './list-certificates.ts';

const server = await testRedis();
const folder = await temporaryFolder();
const redis = connectRedis({ url: server.url, name: 'test' });
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await folder.remove();
});
await createKekFile(`${folder.path}/kek.json`);
const keks = await loadKekFile(`${folder.path}/kek.json`);
const certificates = createRedisCertificates(redis.client);
const privateKeys = createSealedPrivateKeys(createRedisSealedStore(redis), keks);
const announced: string[] = [];
const announcer = {
  async certificateImported({ certificateId }: { certificateId: string }) {
    announced.push(certificateId);
  },
};
let now = new Date();
const importIt = createImportCertificate({ certificates, privateKeys, announcer, clock: () => now });
const get = createGetCertificate(certificates, privateKeys);
const list = createListCertificates(certificates);

const tenantId = 'demo' as TenantId;
const request = (certificate: string, privateKey: Buffer, more = {}) => ({
  tenantId,
  certificate: Buffer.from(certificate),
  privateKey: Buffer.from(privateKey),
  password: Buffer.alloc(0),
  alias: '',
  dryRun: false,
  decryptOnly: false,
  ...more,
});
const one = await createSelfSigned({ commonName: 'One' });
const other = await createSelfSigned({ commonName: 'Other' });

test('after an import the key is held, sealed, and is the one that was given', async () => {
  const given = request(one.certificatePem, one.privateKeyPem, { alias: 'Sales 2026' });
  const { certificate, warnings } = await importIt(given);
  expect(warnings).toEqual([]);
  expect(certificate).toMatchObject({
    alias: 'Sales 2026',
    subject: 'CN=One',
    keyBits: 2048,
    hasPrivateKey: true,
  });
  expect(announced).toContain(certificate?.certificateId);

  const info = parseCertificate(one.certificatePem);
  const held = await privateKeys.get(tenantId, info.keyId);
  expect(held && createPublicKey(held.export({ type: 'pkcs8', format: 'pem' })).equals(info.publicKey)).toBe(
    true,
  );
  expect(await redis.client.get(`st:{demo}:key:${info.keyId}`)).toMatch(/^eyJ[\w-]+(\.[\w-]+){4}$/);
  expect(given.privateKey.every((byte) => byte === 0)).toBe(true);
});

test('importing it again changes nothing', async () => {
  const first = await importIt(request(one.certificatePem, one.privateKeyPem));
  now = new Date(now.getTime() + 1000);
  const again = await importIt(request(one.certificatePem, one.privateKeyPem, { alias: 'another name' }));
  expect(again.certificate).toEqual(first.certificate);
  expect(
    (await list({ tenantId, pageSize: 0, pageToken: '', query: '', includeDeleted: false })).certificates,
  ).toHaveLength(1);
});

test('a key of another certificate is refused, and nothing is kept of either', async () => {
  await expect(importIt(request(other.certificatePem, one.privateKeyPem))).rejects.toMatchObject({
    code: 'PRIVATE_KEY_MISMATCH',
  });
  const info = parseCertificate(other.certificatePem);
  expect(await certificates.get(tenantId, info.certificateId)).toBeUndefined();
  expect(await privateKeys.has(tenantId, info.keyId)).toBe(false);
});

test('an encrypted key needs its password, and gets in with it', async () => {
  const key = createPrivateKey(other.privateKeyPem);
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const;
  const encrypted = Buffer.from(key.export(options));
  const withPassword = (password: string) =>
    importIt(request(other.certificatePem, encrypted, { password: Buffer.from(password) }));
  await expect(withPassword('')).rejects.toMatchObject({ code: 'PRIVATE_KEY_PASSWORD_MISSING' });
  await expect(withPassword('wrong')).rejects.toMatchObject({ code: 'PRIVATE_KEY_PASSWORD_WRONG' });
  expect((await withPassword('open sesame')).certificate?.subject).toBe('CN=Other');
});

test('a certificate that has expired is taken, with a warning', async () => {
  const expired = await createSelfSigned({
    commonName: 'Old',
    notBefore: new Date('2020-01-01'),
    notAfter: new Date('2021-01-01'),
  });
  const { warnings } = await importIt(request(expired.certificatePem, expired.privateKeyPem));
  expect(warnings).toEqual([expect.stringContaining('expired on 2021-01-01')]);
});

test('whether the key is held is looked up, not remembered', async () => {
  const info = parseCertificate(one.certificatePem);
  const { certificateId } = info;
  expect((await get({ tenantId, certificateId })).certificate?.hasPrivateKey).toBe(true);
  await redis.client.del(`st:{demo}:key:${info.keyId}`);
  expect((await get({ tenantId, certificateId })).certificate?.hasPrivateKey).toBe(false);
  await expect(get({ tenantId, certificateId: '0'.repeat(64) })).rejects.toMatchObject({
    code: 'CERTIFICATE_NOT_FOUND',
  });
});
