import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { describe, expect, test } from 'vitest';
import { parseCertificate } from './certificate.ts';
import { checkKeyMatches, parsePrivateKey } from './private-key.ts';
import { createSelfSigned } from './self-signed.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PASSWORD = Buffer.from('correct horse');

const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8', cipher?: string): Buffer =>
  Buffer.from(
    type === 'pkcs1'
      ? key.export({ type, format: 'pem', ...(cipher ? { cipher, passphrase: PASSWORD } : {}) })
      : key.export({ type, format: 'pem', ...(cipher ? { cipher, passphrase: PASSWORD } : {}) }),
  );

function failureOf(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parsePrivateKey', () => {
  test.each([
    ['PKCS#8', 'pkcs8', undefined],
    ['PKCS#1', 'pkcs1', undefined],
    ['encrypted PKCS#8', 'pkcs8', 'aes-256-cbc'],
    ['encrypted PKCS#1', 'pkcs1', 'aes-256-cbc'],
  ] as const)('reads %s', (_name, type, cipher) => {
    const key = parsePrivateKey(pem(privateKey, type, cipher), cipher ? PASSWORD : undefined);
    expect(key.equals(privateKey)).toBe(true);
  });

  test('reads a key that shares its file with a certificate', async () => {
    const { certificatePem } = await createSelfSigned({ commonName: 'x' });
    const file = Buffer.concat([Buffer.from(certificatePem), pem(privateKey, 'pkcs8')]);
    expect(parsePrivateKey(file).equals(privateKey)).toBe(true);
  });

  test.each(['pkcs1', 'pkcs8'] as const)('tells a missing password from a wrong one (%s)', (type) => {
    const encrypted = pem(privateKey, type, 'aes-256-cbc');
    const missing = failureOf(() => parsePrivateKey(encrypted));
    expect(missing).toMatchObject({ code: 'PRIVATE_KEY_PASSWORD_MISSING' });
    expect(missing.fix).toContain('password');
    expect(failureOf(() => parsePrivateKey(encrypted, Buffer.alloc(0)))).toMatchObject({
      code: 'PRIVATE_KEY_PASSWORD_MISSING',
    });
    expect(failureOf(() => parsePrivateKey(encrypted, Buffer.from('wrong')))).toMatchObject({
      code: 'PRIVATE_KEY_PASSWORD_WRONG',
    });
  });

  test('refuses every other kind of key and file', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const messageOf = (file: Buffer): string => {
      const error = failureOf(() => parsePrivateKey(file));
      expect(error.code).toBe('PRIVATE_KEY_INVALID');
      return error.message;
    };
    expect(messageOf(pem(ec, 'pkcs8'))).toContain('type ec');
    expect(messageOf(pem(weak, 'pkcs8'))).toContain('1024');
    expect(messageOf(Buffer.from('hello'))).toContain('0 private keys');
    expect(messageOf(Buffer.concat([pem(privateKey, 'pkcs8'), pem(privateKey, 'pkcs8')]))).toContain(
      '2 private keys',
    );
    expect(messageOf(pem(privateKey, 'pkcs8').subarray(0, 900))).toContain('cannot be read');
    expect(messageOf(Buffer.alloc(70_000))).toContain('64 KiB');
  });

  test('no error carries the key or the password', () => {
    const encrypted = pem(privateKey, 'pkcs8', 'aes-256-cbc');
    const error = failureOf(() => parsePrivateKey(encrypted, Buffer.from('hunter2')));
    expect(`${error.stack}${JSON.stringify(error)}${(error.cause as Error).stack}`).not.toMatch(
      /hunter2|MII/,
    );
  });
});

describe('checkKeyMatches', () => {
  test('accepts the pair and refuses another key', async () => {
    const made = await createSelfSigned({ commonName: 'x' });
    const certificate = parseCertificate(made.certificatePem);
    checkKeyMatches(certificate, parsePrivateKey(made.privateKeyPem));
    expect(failureOf(() => checkKeyMatches(certificate, privateKey))).toMatchObject({
      code: 'PRIVATE_KEY_MISMATCH',
    });
  });
});
