import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { describe, expect, test } from 'vitest';
import { parseCertificate } from './certificate.ts';
import { checkKeyMatches, checkPrivateKey } from './private-key.ts';
import { createSelfSigned } from './self-signed.ts';

function failureOf(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('checkKeyMatches', () => {
  test('accepts the pair and refuses another key', async () => {
    const made = await createSelfSigned({ commonName: 'x' });
    const certificate = parseCertificate(made.certificatePem);
    checkKeyMatches(certificate, made.privateKey);
    expect(failureOf(() => checkKeyMatches(certificate, privateKey))).toMatchObject({
      code: 'PRIVATE_KEY_MISMATCH',
    });
  });
});

describe('checkPrivateKey', () => {
  test('takes RSA of 2048 bits and more, and of 1024 for what is old', () => {
    expect(checkPrivateKey(privateKey)).toBe(privateKey);
    const old = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    expect(failureOf(() => checkPrivateKey(old)).message).toContain('1024 bits');
    expect(checkPrivateKey(old, { allowWeak: true })).toBe(old);
    const tiny = generateKeyPairSync('rsa', { modulusLength: 768 }).privateKey;
    expect(failureOf(() => checkPrivateKey(tiny, { allowWeak: true })).message).toContain('768 bits');
  });

  test('refuses a key whose halves do not belong together', () => {
    const jwk = privateKey.export({ format: 'jwk' });
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const crossed = createPrivateKey({ key: { ...jwk, n: other.n ?? '' }, format: 'jwk' });
    expect(failureOf(() => checkPrivateKey(crossed))).toMatchObject({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringContaining('damaged'),
    });
  });

  test.each([
    ['an EC', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['an RSA-PSS', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey],
    ['of type ed25519', generateKeyPairSync('ed25519').privateKey],
  ])('says of %s key that it is one', (kind, key) => {
    expect(failureOf(() => checkPrivateKey(key))).toMatchObject({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringContaining(kind),
      fix: expect.stringContaining('RSA'),
    });
  });
});
