import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { readCertificates } from './read-certificate.ts';
import { readKey } from './read-key.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const at = (name: string) => join(folder.path, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder.path, stdio: 'pipe' });
const file = (name: string) => new Uint8Array(readFileSync(at(name)));

const one = await createSelfSigned({ commonName: 'Zoë, "Sales" #1', organization: 'Example' });
writeFileSync(at('cert.pem'), one.certificatePem);
writeFileSync(at('cert.der'), one.certificateDer);
writeFileSync(at('key.pem'), one.privateKeyPem);
openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.key');
openssl(
  'req',
  '-x509',
  '-new',
  '-key',
  'ca.key',
  '-subj',
  '/O=Example/CN=Root',
  '-days',
  '40',
  '-out',
  'ca.pem',
);
openssl('req', '-new', '-key', 'key.pem', '-subj', '/O=Example/CN=Leaf', '-out', 'leaf.csr');
openssl(
  ...[
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '20',
  ],
  ...['-out', 'leaf.pem'],
);
writeFileSync(at('both.pem'), Buffer.concat([file('ca.pem'), file('leaf.pem'), file('key.pem')]));
openssl(
  'crl2pkcs7',
  '-nocrl',
  '-certfile',
  'ca.pem',
  '-certfile',
  'leaf.pem',
  '-outform',
  'DER',
  '-out',
  'chain.p7b',
);

test.each(['cert.pem', 'cert.der'])('%s is read as the crypto server reads it', (name) => {
  const { leaf, others, hasKey } = readCertificates(file(name));
  const { subject, issuer, subjectName, serialNumber, notBefore, notAfter, signatureAlgorithm, keyBits } =
    parseCertificate(file(name));
  expect(leaf).toMatchObject({
    ...{ subject, issuer, subjectName, serialNumber, notBefore, notAfter, signatureAlgorithm, keyBits },
    keyType: 'RSA',
  });
  expect({ others, hasKey }).toEqual({ others: [], hasKey: false });
});

test.each([
  ['both.pem', true],
  ['chain.p7b', false],
] as const)('of %s the one that issued no other is meant', (name, hasKey) => {
  const { leaf, others, ...rest } = readCertificates(file(name));
  const expected = new X509Certificate(file('leaf.pem'));
  expect(leaf).toMatchObject({ subject: 'CN=Leaf,O=Example', issuer: 'CN=Root,O=Example' });
  expect(leaf?.serialNumber).toBe(expected.serialNumber.toLowerCase());
  expect(others).toMatchObject([{ subjectName: 'Root', keyType: 'EC', keyBits: 0 }]);
  expect(rest).toEqual({ hasKey, kind: 'certificate' });
});

openssl('rsa', '-in', 'key.pem', '-traditional', '-out', 'pkcs1.pem');
openssl(
  'pkcs8',
  '-in',
  'key.pem',
  '-topk8',
  '-v2',
  'aes-256-cbc',
  '-passout',
  'pass:x',
  '-out',
  'encrypted.pem',
);
openssl('rsa', '-in', 'key.pem', '-traditional', '-aes128', '-passout', 'pass:x', '-out', 'old.pem');
openssl('pkcs8', '-in', 'key.pem', '-topk8', '-nocrypt', '-outform', 'DER', '-out', 'key.der');
openssl(
  'pkcs12',
  '-export',
  '-in',
  'cert.pem',
  '-inkey',
  'key.pem',
  '-passout',
  'pass:x',
  '-out',
  'both.pfx',
);
const modulus = readCertificates(file('cert.pem')).leaf?.modulus;
const open = { keyType: 'RSA', bits: 2048, modulus, isEncrypted: false, count: 1 };
const closed = { keyType: undefined, bits: undefined, isEncrypted: true, count: 1 };

test.each([
  ['key.pem', { ...open, form: 'PKCS#8, in PEM' }],
  ['key.der', { ...open, form: 'PKCS#8' }],
  ['pkcs1.pem', { ...open, form: 'PKCS#1, in PEM' }],
  ['encrypted.pem', { ...closed, form: 'PKCS#8, encrypted, in PEM', cipher: 'AES-256-CBC' }],
  ['old.pem', { ...closed, cipher: 'AES-128-CBC' }],
  ['both.pfx', { ...closed, form: 'PKCS#12 (PFX)', isEncrypted: 'maybe' }],
  ['ca.key', { keyType: 'EC', count: 1 }],
  ['both.pem', { ...open, certificates: 2 }],
  ['cert.pem', { kind: 'certificate', count: 0 }],
])('%s is described', (name, expected) => {
  expect(readKey(file(name))).toMatchObject(expected);
});

test('what is no certificate is named, and what is cut short is no crash', () => {
  expect(readCertificates(file('both.pfx')).kind).toBe('PFX');
  expect(readCertificates(file('leaf.csr')).kind).toBe('certificate request');
  expect(readCertificates(new TextEncoder().encode('hello')).kind).toBe('something unknown');
  expect(() => readCertificates(file('cert.der').subarray(0, 300))).not.toThrow();
  expect(readKey(file('key.der').subarray(0, 300))).toMatchObject({ count: 0 });
});
