import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { keyIdOf, parseCertificate } from './certificate.ts';
import { createSelfSigned } from './self-signed.ts';

const dir = mkdtempSync(join(tmpdir(), 'certificates-'));
afterAll(() => rmSync(dir, { recursive: true }));

const openssl = (args: string[], input?: string | Buffer): string =>
  execFileSync('openssl', args, { cwd: dir, encoding: 'utf8', stdio: 'pipe', ...(input ? { input } : {}) });

const made = await createSelfSigned({
  commonName: 'Tenant, Zürich',
  organization: 'Example',
  notBefore: new Date('2026-01-02T03:04:05.678Z'),
  notAfter: new Date('2051-01-02T03:04:05Z'),
});

const selfSignedWith = (keyArguments: string[]): string =>
  openssl([
    'req',
    '-x509',
    '-nodes',
    '-newkey',
    ...keyArguments,
    '-keyout',
    'k.pem',
    '-subj',
    '/CN=x',
    '-batch',
  ]);

describe('parseCertificate', () => {
  test('reads ids, names, dates and key from PEM and DER alike', () => {
    const info = parseCertificate(made.certificatePem);
    expect(info).toMatchObject({
      issuer: info.subject,
      notBefore: new Date('2026-01-02T03:04:05Z'),
      notAfter: new Date('2051-01-02T03:04:05Z'),
      keyBits: 2048,
    });
    expect(info.subject).toBe(String.raw`CN=Tenant\, Zürich,O=Example`);
    expect(info.serialNumber).toBe(new X509Certificate(info.der).serialNumber.toLowerCase());
    expect(parseCertificate(made.certificateDer)).toEqual(info);
  });

  test('has the ids that OpenSSL computes', () => {
    const info = parseCertificate(made.certificatePem);
    const fingerprint = openssl(['x509', '-noout', '-fingerprint', '-sha256'], made.certificatePem);
    expect(info.certificateId).toBe(fingerprint.split('=')[1]?.trim().replaceAll(':', '').toLowerCase());
    expect(info.keyId).toBe(keyIdOf(info.publicKey));
    expect(info.keyId).toMatch(/^[0-9a-f]{64}$/);
  });

  test('refuses what recordings cannot be encrypted to, each with its own code', () => {
    const codeOf = (input: string | Buffer): string => {
      try {
        parseCertificate(input);
        return 'accepted';
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        expect(error.fix).not.toBe('');
        return `${error.code}: ${error.message}`;
      }
    };
    expect(codeOf(selfSignedWith(['rsa:1024']))).toMatch(/^CERTIFICATE_WEAK: .*1024/);
    const ec = selfSignedWith(['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']);
    expect(codeOf(ec)).toMatch(/^CERTIFICATE_INVALID: .*an EC .*key/);
    expect(codeOf(selfSignedWith(['rsa:2048', '-sha1']))).toMatch(/^CERTIFICATE_WEAK: .*sha1/);
    expect(codeOf(made.certificatePem + made.certificatePem)).toMatch(/2 certificates/);
    expect(codeOf(made.privateKeyPem)).toMatch(/private key and no certificate/);
    expect(codeOf('')).toMatch(/^CERTIFICATE_INVALID/);
    expect(codeOf(Buffer.alloc(70_000))).toMatch(/64 KiB/);
  });

  test('takes old weak ones for decrypting, and says why they are weak; not those that are broken', () => {
    const weaknessesOf = (...args: string[]) =>
      parseCertificate(selfSignedWith(args), { allowWeak: true }).weaknesses;
    expect(weaknessesOf('rsa:2048')).toEqual([]);
    expect(weaknessesOf('rsa:1024')).toEqual(['short-rsa-key']);
    expect(weaknessesOf('rsa:2048', '-sha1')).toEqual(['sha1-signature']);
    expect(weaknessesOf('rsa:1024', '-sha1')).toEqual(['short-rsa-key', 'sha1-signature']);
    const weak = expect.objectContaining({ code: 'CERTIFICATE_WEAK' });
    expect(() => weaknessesOf('rsa:768')).toThrow(weak);
    expect(() => weaknessesOf('rsa:2048', '-md5')).toThrow(weak);
  });

  test('answers damaged bytes with an AppError or a certificate, nothing else', () => {
    fc.assert(
      fc.property(fc.nat(made.certificateDer.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(made.certificateDer);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        try {
          parseCertificate(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});

describe('createSelfSigned', () => {
  test('makes a certificate that OpenSSL verifies, for key encipherment and not as a CA', () => {
    const certificate = new X509Certificate(made.certificatePem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkPrivateKey(made.privateKey)).toBe(true);
    const text = openssl(['x509', '-noout', '-text'], made.certificatePem);
    expect(text).toContain('Key Encipherment, Data Encipherment');
    expect(text).toContain('CA:FALSE');
    expect(openssl(['pkey', '-check', '-noout'], made.privateKeyPem)).toContain('Key is valid');
  });

  test('refuses weak keys, nameless owners and certificates that were never valid', async () => {
    const code = { code: 'INVALID_ARGUMENT' };
    await expect(createSelfSigned({ commonName: 'x', bits: 1024 })).rejects.toMatchObject(code);
    await expect(createSelfSigned({ commonName: '' })).rejects.toMatchObject(code);
    const notAfter = new Date(0);
    await expect(createSelfSigned({ commonName: 'x', notAfter })).rejects.toMatchObject(code);
  });
});

test('a renewed certificate on the same key has its key id and another certificate id', () => {
  writeFileSync(join(dir, 'same.key'), made.privateKeyPem, { mode: 0o600 });
  const issue = (): string =>
    openssl(['req', '-x509', '-new', '-key', 'same.key', '-subj', '/CN=x', '-batch']);
  const [first, renewed] = [parseCertificate(issue()), parseCertificate(issue())];
  expect(renewed.keyId).toBe(first.keyId);
  expect(renewed.certificateId).not.toBe(first.certificateId);
  expect(first.keyId).toBe(parseCertificate(made.certificatePem).keyId);
});
