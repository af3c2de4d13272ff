import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuthorityOptions } from './create-authority.ts';
import type { CertificateOptions } from './create-certificate.ts';
import { createIntermediate } from './create-intermediate.ts';
import { layoutOf } from './layout.ts';
import { listCertificates } from './list-certificates.ts';
import { openAuthority, openAuthorityKey } from './open-authority.ts';
import { newAuthority, newCertificate } from './testing/authority.ts';

const now = new Date();
const folder = await temporaryFolder();
const dir = join(folder.path, 'root');
const DAY_MS = 24 * 3600 * 1000;

async function below(from: string, name: string, options: Partial<AuthorityOptions> = {}): Promise<string> {
  const authority = await openAuthority(from);
  const made = await createIntermediate(authority, await openAuthorityKey(authority, new Uint8Array()), {
    ...{ name, subject: { commonName: name }, key: { type: 'p256' }, digest: 'sha256', days: 200 },
    ...{ pathLength: 0, password: new Uint8Array(), now, ...options },
  });
  return made.layout.dir;
}

beforeAll(async () => {
  await newAuthority(dir, {
    ...{ days: 300, pathLength: 1, permitted: ['example.com', '10.0.0.0/8', 'fd00::/8', '@example.com'] },
    excluded: ['secret.example.com'],
  });
  await below(dir, 'site', { permitted: ['site.example.com'] });
});
afterAll(folder.remove);

const END = new Date(now.getTime() + 200 * DAY_MS).toISOString().slice(0, 10);

test.each<[Partial<CertificateOptions>, string]>([
  [{ hosts: ['a.site.example.com'], days: 201 }, `would outlive the CA CN=site, which ends at ${END}`],
  [{ hosts: ['a.example.com'] }, 'The CA CN=site may not issue for DNS a.example.com'],
  [{ hosts: ['a.site.example.com', 'b.example.org'] }, 'may not issue for DNS b.example.org'],
  [{ hosts: ['11.0.0.1'] }, 'may not issue for IP 11.0.0.1'],
  [{ hosts: ['fe80::1'] }, 'may not issue for IP fe80'],
  [{ hosts: [] }, '1 to 100 hosts'],
  [{ hosts: ['a.site.example.com'], subject: { commonName: 'x'.repeat(65) } }, '--cn is out of bounds'],
  [{ hosts: ['a.site.example.com'], subject: { commonName: 'a\nb' } }, '--cn is out of bounds'],
  [{ hosts: ['a.site.example.com'], subject: { commonName: '' } }, '--cn is out of bounds'],
  [{ hosts: ['a.site.example.com'], subject: { commonName: 'x', country: 'DEU' } }, '--c is out of bounds'],
  [{ hosts: ['a.site.example.com'], subject: { commonName: 'x', email: 'ä@example.com' } }, '--e is out'],
  // Only looked at with the whole certificate: addresses in a subject count as well.
  [
    { hosts: ['a.site.example.com'], subject: { commonName: 'x', email: 'a@example.org' } },
    'e-mail a@example.org',
  ],
  [{ hosts: ['a.site.example.com'], key: { type: 'rsa', bits: 1024 } }, 'RSA key of 1024 bits'],
  [{ hosts: ['a.site.example.com'], key: { type: 'rsa', bits: 8200 } }, 'RSA key of 8200 bits'],
  [{ hosts: ['a.site.example.com'], key: { type: 'p256', bits: 256 } }, 'a size of its own'],
])('%j is refused, and nothing is issued', async (options, message) => {
  const before = await listCertificates(layoutOf(join(dir, 'site')), now);
  await expect(newCertificate(join(dir, 'site'), options)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(message),
  });
  expect(await listCertificates(layoutOf(join(dir, 'site')), now)).toEqual(before);
});

test.each<[string, string, Partial<AuthorityOptions>, string]>([
  ['', 'deep', { pathLength: 1 }, 'so the CA below it has one of at most 0'],
  ['site', 'deeper', {}, 'The CA CN=site may have no further CA below it'],
  ['', 'long', { days: 301 }, 'would outlive the CA CN=Test CA'],
  ['', 'site', {}, 'is there already'],
  ['', 'ca_conf', {}, 'cannot be the folder'],
  ['', '../out', {}, 'cannot be the folder'],
  ['', 'bad', { permitted: ['10.0.0.1/8'] }, 'is no domain and no range'],
  ['', 'bad', { permitted: ['10.0.0.0/33'] }, 'is no domain and no range'],
  ['', 'bad', { excluded: ['under_score'] }, 'is no domain and no range'],
])('no authority below %j called %j with %j', async (from, name, options, message) => {
  await expect(below(join(dir, from), name, options)).rejects.toMatchObject({
    message: expect.stringContaining(message),
  });
});

test('what fits is issued', async () => {
  for (const hosts of [['site.example.com', '*.site.example.com', '10.9.9.9'], ['fd00::1']])
    await newCertificate(join(dir, 'site'), { hosts });
  await newCertificate(dir, { hosts: ['example.com'], subject: { commonName: 'x', email: 'a@example.com' } });
});

test('nothing is issued under an authority that has expired', async () => {
  const old = join(folder.path, 'old');
  await newAuthority(old, { days: 1, now: new Date(now.getTime() - 3 * DAY_MS) });
  await expect(newCertificate(old)).rejects.toMatchObject({ message: expect.stringContaining('expired at') });
});
