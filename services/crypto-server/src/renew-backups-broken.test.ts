import { readFileSync } from 'node:fs';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { TenantId } from '@sealtrack/ids/ids';
import { sealedKeyNames } from '@sealtrack/sealed-store/redis-sealed-store';
import { expect, test } from 'vitest';
import { createRenewBackups } from './renew-backups.ts';
import { cryptoParts } from './testing/crypto-parts.ts';

const { backup, backupPath, certificates, privateKeys, keys, redis } = await cryptoParts();
const renewBackups = createRenewBackups({ certificates, privateKeys, backup, tenants: keys.tenants });
const tenantId = 'demo' as TenantId;

async function importOne(alias: string) {
  const { certificatePem, privateKey } = await createSelfSigned({ commonName: alias });
  const { certificateId, keyId, der } = parseCertificate(certificatePem);
  await privateKeys.add(tenantId, keyId, certificateId, privateKey);
  const certificate = { ...Certificate.fromJSON({}), tenantId, certificateId, keyId, alias, der };
  await certificates.add(certificate);
  return certificate;
}

const copyOf = ({ certificateId }: Certificate) =>
  JSON.parse(readFileSync(`${backupPath}/${tenantId}/${certificateId}.json`, 'utf8')).sealedKey;

test('a sealed key that was damaged in Redis does not replace its copy, and the others get theirs', async () => {
  const [good, damaged, last] = [await importOne('a'), await importOne('b'), await importOne('c')];
  const { blob } = sealedKeyNames(tenantId, damaged.keyId as never);
  const whole = (await redis.client.get(blob)) ?? '';
  await renewBackups(new AbortController().signal);
  expect(copyOf(damaged)).toBe(whole);
  await redis.client.set(blob, `${whole.slice(0, -3)}AAA`);
  const renewing = renewBackups(new AbortController().signal);
  await expect(renewing).rejects.toMatchObject({
    code: 'SEAL_BROKEN',
    details: { certificate_ids: damaged.certificateId },
  });
  expect(copyOf(damaged)).toBe(whole);
  for (const each of [good, last])
    expect(copyOf(each)).toBe(await privateKeys.getSealed(tenantId, each.keyId as never));
});
