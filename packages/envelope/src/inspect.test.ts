import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectEnvelope } from './inspect.ts';
import { unsplice } from './unsplice.ts';

const folder = mkdtempSync(join(tmpdir(), 'inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  const { certificatePem } = await createSelfSigned({
    commonName: 'Anna, of "Sales"',
    organization: 'Example',
  });
  writeFileSync(join(folder, 'anna.pem'), certificatePem);
});

/** As OpenSSL encrypts, without the ciphertext. */
async function encrypt(...options: string[]): Promise<Buffer> {
  const args = ['cms', '-encrypt', '-in', 'anna.pem', '-outform', 'DER', ...options];
  const der = execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const { ciphertext, envelope } = await unsplice(
    (async function* () {
      yield der;
    })(),
  );
  for await (const _ of ciphertext ?? []);
  return envelope();
}

test('names a recipient as its certificate does', async () => {
  const envelope = await encrypt('-aes256', '-recip', 'anna.pem');
  const args = ['x509', '-in', 'anna.pem', '-noout', '-serial'];
  const serial = execFileSync('openssl', args, { cwd: folder }).toString().trim().replace('serial=', '');
  const serialNumber = serial.toLowerCase();
  const issuer = 'CN=Anna\\, of \\"Sales\\",O=Example';
  expect(inspectEnvelope(envelope)).toMatchObject({
    suite: 'pkcs7',
    contentEncryption: 'AES-256-CBC',
    isAuthenticated: false,
    recipients: [
      {
        kind: 'issuerAndSerialNumber',
        name: `certificate of ${issuer}, serial number ${serialNumber}`,
        issuer,
        serialNumber,
        keyEncryption: 'RSAES-PKCS1-v1_5',
        keyBits: 2048,
        isSupported: true,
      },
    ],
  });
});

test('tells what belongs to no suite, and which recipients nobody here can serve', async () => {
  const oaep = ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha512'];
  const envelope = await encrypt(
    '-aes128',
    '-pwri_password',
    'secret',
    '-keyid',
    '-recip',
    'anna.pem',
    ...oaep,
  );
  const { suite, contentEncryption, recipients } = inspectEnvelope(envelope);
  expect({ suite, contentEncryption }).toEqual({ suite: null, contentEncryption: 'AES-128-CBC' });
  expect(recipients.toSorted((a, b) => a.kind.localeCompare(b.kind))).toMatchObject([
    { kind: 'other', isSupported: false, keyBits: null, keyEncryption: null },
    {
      kind: 'subjectKeyIdentifier',
      isSupported: true,
      keyEncryption: 'RSAES-OAEP with SHA-512',
      subjectKeyIdentifier: expect.stringMatching(/^[0-9a-f]{40}$/),
      issuer: null,
    },
  ]);
});
