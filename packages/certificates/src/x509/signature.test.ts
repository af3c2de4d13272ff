import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { contextTag, element, integer, nothing, oid, sequence } from '../der.ts';
import type { Signed } from './parse-x509.ts';
import { RECORDING_POLICY } from './policy.ts';
import { parseSubjectKey } from './public-key.ts';
import { isAlgorithmAllowed, isSignedBy } from './signature.ts';
import { readStrict } from './strict-der.ts';
import { ecKeys, type Keys, rsaKeys } from './testing/issue.ts';

const body = Buffer.from('what is signed');
const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nothing());
const SHA384 = sequence(oid('2.16.840.1.101.3.4.2.2'), nothing());
const keyOf = ({ publicKey }: Keys) =>
  parseSubjectKey(readStrict(publicKey.export({ type: 'spki', format: 'der' })));
const signed = (algorithm: Buffer, signature = Buffer.alloc(0)): Signed => ({
  body,
  algorithm: readStrict(algorithm),
  signature,
});
const isAllowed = (algorithm: Buffer) => isAlgorithmAllowed(signed(algorithm), RECORDING_POLICY);

describe('algorithms', () => {
  const rsaSha = (n: number, ...parameters: Buffer[]) =>
    sequence(oid(`1.2.840.113549.1.1.${n}`), ...parameters);

  test('RSA with SHA-2, with NULL and without', () => {
    for (const n of [11, 12, 13]) {
      expect(isAllowed(rsaSha(n, nothing()))).toBe(true);
      expect(isAllowed(rsaSha(n))).toBe(true);
      expect(isAllowed(rsaSha(n, sequence()))).toBe(false);
    }
    // MD5.
    expect(isAllowed(rsaSha(4, nothing()))).toBe(false);
  });

  test('SHA-1 and DSA only where the policy lets them through', () => {
    const [sha1, dsa] = [rsaSha(5, nothing()), sequence(oid('2.16.840.1.101.3.4.3.2'))];
    expect([isAllowed(sha1), isAllowed(dsa)]).toEqual([false, false]);
    const legacy = { ...RECORDING_POLICY, legacy: ['sha1', 'dsa'] } as const;
    expect([sha1, dsa].map((each) => isAlgorithmAllowed(signed(each), legacy))).toEqual([true, true]);
  });

  test('ECDSA and Ed25519 without parameters', () => {
    expect(isAllowed(sequence(oid('1.2.840.10045.4.3.2')))).toBe(true);
    expect(isAllowed(sequence(oid('1.2.840.10045.4.3.2'), nothing()))).toBe(false);
    expect(isAllowed(sequence(oid('1.3.101.112')))).toBe(true);
  });
});

describe('PSS', () => {
  const pss = (hash: Buffer, maskHash: Buffer, salt: number | undefined) =>
    sequence(
      oid('1.2.840.113549.1.1.10'),
      sequence(
        element(contextTag(0, true), hash),
        element(contextTag(1, true), sequence(oid('1.2.840.113549.1.1.8'), maskHash)),
        ...(salt === undefined ? [] : [element(contextTag(2, true), integer(Buffer.of(salt)))]),
      ),
    );
  const keys = rsaKeys();
  const signature = (saltLength: number) =>
    sign('sha256', body, { key: keys.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });

  test('with the salt that is named', () => {
    expect(isSignedBy(signed(pss(SHA256, SHA256, 32), signature(32)), keyOf(keys))).toBe(true);
    expect(isSignedBy(signed(pss(SHA256, SHA256, undefined), signature(20)), keyOf(keys))).toBe(true);
    expect(isSignedBy(signed(pss(SHA256, SHA256, 20), signature(32)), keyOf(keys))).toBe(false);
  });

  test('with one hash of SHA-2, and none by default', () => {
    expect(isAllowed(pss(SHA256, SHA256, 32))).toBe(true);
    expect(isAllowed(pss(SHA256, SHA384, 32))).toBe(false);
    expect(isAllowed(sequence(oid('1.2.840.113549.1.1.10'), sequence()))).toBe(false);
  });
});

test('a signature is of one key, one text and one algorithm', () => {
  const [keys, others] = [ecKeys(), ecKeys()];
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const good = signed(algorithm, sign('sha256', body, keys.privateKey));
  expect(isSignedBy(good, keyOf(keys))).toBe(true);
  expect(isSignedBy(good, keyOf(others))).toBe(false);
  expect(isSignedBy({ ...good, body: Buffer.from('else') }, keyOf(keys))).toBe(false);
  expect(isSignedBy({ ...good, signature: Buffer.alloc(0) }, keyOf(keys))).toBe(false);
  expect(
    isSignedBy({ ...good, algorithm: readStrict(sequence(oid('1.2.840.10045.4.3.3'))) }, keyOf(keys)),
  ).toBe(false);
  expect(isSignedBy(good, keyOf(rsaKeys()))).toBe(false);
  const unknown = generateKeyPairSync('x25519');
  expect(isSignedBy(good, keyOf(unknown))).toBe(false);
});
