import { X509Certificate } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { authorityDir, bootstrap, crlFile, PARTIES, partyFiles } from './bootstrap.ts';
import { layoutOf } from './layout.ts';
import { openAuthority, openAuthorityKey } from './open-authority.ts';
import { publishCrl } from './publish-crl.ts';
import { revokeCertificate } from './revoke-certificate.ts';
import { openssl } from './testing/authority.ts';

const DAY_MS = 24 * 3600 * 1000;
const now = new Date();
const inDays = (days: number): Date => new Date(now.getTime() + days * DAY_MS);
const folder = await temporaryFolder();
const dir = join(folder.path, 'tls');
afterAll(folder.remove);

const verify = (party: (typeof PARTIES)[number], ...args: string[]): string => {
  const { certificate, trustedCa } = partyFiles(dir, party);
  return openssl(dir, 'verify', '-x509_strict', '-CAfile', trustedCa, ...args, certificate);
};
const certificateOf = async (party: (typeof PARTIES)[number]) =>
  new X509Certificate(await readFile(partyFiles(dir, party).certificate));

test('several at once make one authority, and a certificate for each party', async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, () => bootstrap({ dir, now })));
  expect(runs.map(({ issued }) => issued.length).toSorted()).toEqual([0, 0, 0, PARTIES.length]);
  for (const party of PARTIES) {
    for (const purpose of ['sslserver', 'sslclient'])
      expect(verify(party, '-purpose', purpose)).toContain('OK');
    for (const name of [party, 'localhost']) expect(verify(party, '-verify_hostname', name)).toContain('OK');
    for (const ip of ['127.0.0.1', '::1']) expect(verify(party, '-verify_ip', ip)).toContain('OK');
    expect(() => verify(party, '-verify_hostname', 'elsewhere')).toThrow('hostname mismatch');
    const { certificateKey } = partyFiles(dir, party);
    expect((await stat(certificateKey)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, party))).mode & 0o777).toBe(0o700);
  }
});

test('what fits stays; a new host, an end that is near, a revocation or a lost file has a certificate issued', async () => {
  expect((await bootstrap({ dir, now: inDays(59) })).issued).toEqual([]);
  const key = await readFile(partyFiles(dir, 'nats').certificateKey);

  expect((await bootstrap({ dir, hosts: ['media.example.com', '192.0.2.7'], now })).issued).toEqual(PARTIES);
  expect(verify('nats', '-verify_hostname', 'media.example.com')).toContain('OK');
  expect(verify('nats', '-verify_ip', '192.0.2.7')).toContain('OK');
  expect((await bootstrap({ dir, now })).issued).toEqual([]);

  expect((await bootstrap({ dir, now: inDays(61) })).issued).toEqual(PARTIES);
  expect((await certificateOf('nats')).validToDate.getTime()).toBeCloseTo(inDays(151).getTime(), -4);
  expect(await readFile(partyFiles(dir, 'nats').certificateKey)).toEqual(key);

  await rm(partyFiles(dir, 'pipeline').certificate);
  await rm(partyFiles(dir, 'redis').certificateKey);
  const { serialNumber } = await certificateOf('administrator');
  await revokeCertificate(layoutOf(authorityDir(dir)), serialNumber, {
    reason: 'keyCompromise',
    cwd: dir,
    now,
  });
  expect((await bootstrap({ dir, now: inDays(61) })).issued).toEqual(['redis', 'administrator', 'pipeline']);
});

test('its list of revoked certificates is where it says', async () => {
  const authority = await openAuthority(authorityDir(dir));
  const key = await openAuthorityKey(authority, new Uint8Array());
  await publishCrl(authority, key, { days: 7, digest: 'sha256', now });
  expect(openssl(dir, 'crl', '-in', crlFile(dir), '-noout', '-text')).toContain('Key Compromise');
});

test('the authority is renewed on its key before it ends, and a lost one is made anew with everything below it', async () => {
  const { trustedCa } = partyFiles(dir, 'nats');
  const before = new X509Certificate(await readFile(trustedCa));
  const late = inDays(3650 - 170);
  await bootstrap({ dir, now: late });
  const renewed = new X509Certificate(await readFile(trustedCa));
  expect(renewed.publicKey.equals(before.publicKey)).toBe(true);
  expect(renewed.validToDate.getTime()).toBeGreaterThan(inDays(7000).getTime());
  expect(verify('nats', '-attime', String(Math.floor(late.getTime() / 1000) + 60))).toContain('OK');

  await rm(authorityDir(dir), { recursive: true });
  await writeFile(trustedCa, 'something else');
  expect((await bootstrap({ dir, now })).issued).toEqual(PARTIES);
  expect(verify('nats')).toContain('OK');
});
