/** What happens to recordings when certificates come, go and are renewed, while everything runs. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { get, header, put, splice, stored } from './testing/media.ts';
import { openWithOpenssl, run } from './testing/programs.ts';
import { assign, createTenant, type Imported, importMade, importNew, untilPushed } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf } from './testing/until.ts';

const { system, doors } = await systemForThisFile();
const folder = await temporaryFolder();
afterAll(() => folder.remove());

const keyFileOf = async ({ keyId, privateKeyPem }: Imported): Promise<string> => {
  const file = join(folder.path, `${keyId}.key`);
  await writeFile(file, privateKeyPem, { mode: 0o600 });
  return file;
};

const first = await createTenant(doors);
const media = randomBytes(300_000);
const before = header({ recordingId: 'before' });
await put(doors, before, media);
await stored(doors, before);

test('of two certificates on a profile each key opens a recording alone', async () => {
  const second = await importNew(doors, 'demo', { commonName: 'Second', bits: 3072 });
  await assign(doors, 'demo', '101', [first, second]);
  await untilPushed(doors, 'demo', '101');
  const head = header();
  const { certificateIds } = await put(doors, head, media);
  expect([...certificateIds].sort()).toEqual([first.certificateId, second.certificateId].sort());
  await stored(doors, head);
  const { pkcs7 } = await splice(doors, head);
  for (const imported of [first, second])
    expect((await openWithOpenssl(pkcs7, await keyFileOf(imported))).equals(media)).toBe(true);
  const stranger = join(folder.path, 'stranger.key');
  await run('openssl', [
    'genpkey',
    '-algorithm',
    'RSA',
    '-pkeyopt',
    'rsa_keygen_bits:2048',
    '-out',
    stranger,
  ]);
  // smime -decrypt without a certificate answers a wrong key with noise (CVE-2019-1563), or with an error.
  const opened = await openWithOpenssl(pkcs7, stranger).catch(() => Buffer.alloc(0));
  expect(opened.equals(media)).toBe(false);
});

test('a certificate that is assigned while the encryptor runs is used by the next recording', async () => {
  const { pid } = system.services['media-encryptor'];
  const renewed = await importNew(doors, 'demo', { commonName: 'Renewed' });
  await assign(doors, 'demo', '101', [renewed]);
  await untilPushed(doors, 'demo', '101');
  expect(system.services['media-encryptor'].pid).toBe(pid);

  const after = header();
  await put(doors, after, media);
  await stored(doors, after);
  const { pkcs7 } = await splice(doors, after);
  expect((await openWithOpenssl(pkcs7, await keyFileOf(renewed))).equals(media)).toBe(true);
  const old = await openWithOpenssl(pkcs7, await keyFileOf(first)).catch(() => Buffer.alloc(0));
  expect(old.equals(media)).toBe(false);
});

test('recordings from before a renewal go on playing, and opening with their own key', async () => {
  expect((await get(doors, before)).bytes.equals(media)).toBe(true);
  const { pkcs7 } = await splice(doors, before);
  expect((await openWithOpenssl(pkcs7, await keyFileOf(first))).equals(media)).toBe(true);
});

test('a certificate renewed on the same key opens what is sealed to either', async () => {
  const [keyFile, file] = [join(folder.path, 'same.key'), join(folder.path, 'same.pem')];
  await run('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', keyFile]);
  const issue = async (days: string): Promise<Imported> => {
    await run('openssl', ['req', '-x509', '-key', keyFile, '-days', days, '-subj', '/CN=Same', '-out', file]);
    const certificatePem = await readFile(file, 'utf8');
    return importMade(doors, 'demo', { ...first, certificatePem, privateKeyPem: await readFile(keyFile) });
  };
  const year = await issue('365');
  const decade = await issue('3650');
  expect(decade.keyId).toBe(year.keyId);
  expect(decade.certificateId).not.toBe(year.certificateId);
  for (const certificate of [year, decade]) {
    await assign(doors, 'demo', '101', [certificate]);
    await untilPushed(doors, 'demo', '101');
    const head = header();
    await put(doors, head, media);
    await stored(doors, head);
    expect((await get(doors, head)).bytes.equals(media)).toBe(true);
  }
});

test('of two people who change a profile at once the second is told', async () => {
  const revision = await assign(doors, 'demo', '101', [first]);
  await assign(doors, 'demo', '101', [first]);
  const stale = {
    tenantId: 'demo',
    profileId: '101',
    certificateIds: [first.certificateId],
    expectedRevision: revision,
  };
  expect(await failureOf(doors.profiles.assignCertificates(stale))).toMatchObject({
    code: 'PROFILE_CONFLICT',
  });
});
