import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { TenantId } from '@sealtrack/ids/ids';
import { expect, test } from 'vitest';
import { checkBackup, openCertificate } from '../check-backup.ts';
import { cryptoParts } from '../testing/crypto-parts.ts';
import { createBackupFolderSource } from './backup-folder-source.ts';

const { backup, backupPath, keyring, privateKeys } = await cryptoParts();
const { openRecord } = keyring;
const source = createBackupFolderSource(backupPath, { keyring: backup.keyring, openRecord });
const tenantId = 'demo' as TenantId;
const { signal } = new AbortController();

const { certificatePem, privateKey } = await createSelfSigned({ commonName: 'Sales' });
const { certificateId, keyId, der } = parseCertificate(certificatePem);
await privateKeys.add(tenantId, keyId, certificateId, privateKey);
const sealed = (await privateKeys.getSealed(tenantId, keyId)) ?? '';
const certificate = { ...Certificate.fromJSON({}), tenantId, certificateId, keyId, der, alias: 'sales' };
const check = async () => (await checkBackup(await source.open(), signal)).report;

test('restores a certificate with as long a chain as an import takes', async () => {
  const chain = Array.from({ length: 4 }, () => randomBytes(60 * 1024));
  await backup.keep({ ...certificate, chain }, sealed);
  expect(await check()).toMatchObject({ certificates: 1, damaged: [] });
});

test.each([
  ['a number that is none', { deletion: { state: 'DELETED', recordings: 'many' } }],
  ['a time that is none', { importedAt: 'soon' }],
])('%s in a file is damage, and no end of the restore', async (_, change) => {
  await backup.keep(certificate, sealed);
  const path = `${backupPath}/demo/${certificateId}.json`;
  const copy = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...copy, certificate: { ...copy.certificate, ...change } }));
  expect(await check()).toMatchObject({ damagedTotal: 1, damaged: [{ problem: 'cannot be read' }] });
});

test('a file among the folders of tenants is passed over', async () => {
  await backup.keep(certificate, sealed);
  await writeFile(`${backupPath}/readme`, 'who put this here');
  expect(await check()).toMatchObject({ certificates: 1, damaged: [] });
});

test('what a file says of a certificate is what the certificate says', async () => {
  await backup.keep({ ...certificate, subject: 'CN=Somebody else' }, sealed);
  const archive = await source.open();
  for await (const part of archive.parts())
    if (part.kind === 'certificate')
      expect(await openCertificate(archive, part)).toMatchObject({ certificate: { subject: 'CN=Sales' } });
});
