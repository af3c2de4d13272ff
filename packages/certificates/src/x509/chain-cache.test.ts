import { describe, expect, test } from 'vitest';
import { parseCrl } from './crl.ts';
import { parseX509 } from './parse-x509.ts';
import { RECORDING_POLICY } from './policy.ts';
import {
  ecKeys,
  extension,
  type Issuer,
  intermediate,
  issue,
  issueCrl,
  leaf,
  NOW,
  root,
  rsaKeys,
} from './testing/issue.ts';
import { createChainValidator } from './validate-chain.ts';

const A: Issuer = { name: 'Root A', keys: ecKeys() };
const C: Issuer = { name: 'Sub C', keys: ecKeys() };
const D: Issuer = { name: 'Sub D', keys: ecKeys() };
const E: Issuer = { name: 'Recording', keys: rsaKeys() };
const rootA = root(A.name, A.keys);
const subC = intermediate(C, A, { serial: 2 });
const subD = intermediate(D, C, { serial: 3 });
const SECOND = 1000;

const eternal = {
  notBefore: new Date('2020-01-01T00:00:00Z'),
  notAfter: new Date('9999-12-31T23:59:59Z'),
  extensions: [extension.basicConstraints(true), extension.subjectKeyId(A.keys)],
};

describe('the cache', () => {
  const chain = { leaf: leaf(E, D), intermediates: [subD, subC], anchors: [rootA], crls: [] };
  const later = new Date(NOW.getTime() + 400 * 24 * 3600 * SECOND);

  test('decides on the date every time', () => {
    const { validate } = createChainValidator(RECORDING_POLICY);
    expect(validate(chain, NOW).ok).toBe(true);
    expect(validate(chain, later)).toMatchObject({ ok: false, problem: 'expired' });
    expect(validate(chain, NOW).ok).toBe(true);
  });

  test('takes another path when the remembered one has expired', () => {
    const renewed = intermediate(C, A, { notAfter: new Date(later.getTime() + 1) });
    const lasting = { notAfter: new Date(later.getTime() + 1) };
    const anchor = issue({ ...eternal, subject: A.name, issuer: A.name, keys: A.keys, issuerKeys: A.keys });
    const both = { leaf: leaf(E, C, lasting), intermediates: [subC, renewed], anchors: [anchor], crls: [] };
    const { validate } = createChainValidator(RECORDING_POLICY);
    const usedAt = (at: Date) => {
      const result = validate(both, at);
      return result.ok ? result.path[1]?.der : result;
    };
    expect(usedAt(NOW)).toEqual(subC);
    expect(usedAt(later)).toEqual(renewed);
  });

  test('knows one chain from another by every byte, and by what is trusted', () => {
    const { validate } = createChainValidator(RECORDING_POLICY);
    expect(validate(chain, NOW).ok).toBe(true);
    expect(validate({ ...chain, anchors: [], intermediates: [...chain.intermediates, rootA] }, NOW).ok).toBe(
      false,
    );
    expect(
      validate(
        { ...chain, crls: [issueCrl({ issuer: A.name, issuerKeys: A.keys, revoked: [{ serial: 2 }] })] },
        NOW,
      ).ok,
    ).toBe(false);
    expect(validate(chain, NOW).ok).toBe(true);
  });

  test('goes on with what it was given when the caller writes over it', () => {
    const mine = Buffer.from(chain.leaf);
    const { validate } = createChainValidator(RECORDING_POLICY);
    expect(validate({ ...chain, leaf: mine }, NOW).ok).toBe(true);
    mine.fill(0);
    expect(validate({ ...chain, leaf: mine }, NOW)).toMatchObject({
      ok: false,
      problem: 'certificate-malformed',
    });
    expect(validate(chain, NOW).ok).toBe(true);
  });

  test('takes what is taken apart already for the same', () => {
    const { validate } = createChainValidator(RECORDING_POLICY);
    const list = issueCrl({ issuer: C.name, issuerKeys: C.keys, revoked: [{ serial: 3 }] });
    const parsed = { ...chain, intermediates: [subD, parseX509(subC)], anchors: [parseX509(rootA)] };
    const [first, second] = [validate(chain, NOW), validate(parsed, NOW)];
    if (!first.ok || !second.ok) return expect.fail('both are right');
    // The same one, so it was found again.
    expect(second.path).toBe(first.path);
    expect(validate({ ...parsed, crls: [parseCrl(list)] }, NOW)).toMatchObject({ problem: 'revoked' });
  });

  test('forgets the chain that was used longest ago, and finds it anew', () => {
    const { validate } = createChainValidator(RECORDING_POLICY, { cacheSize: 1 });
    for (const leafOf of [D, C, D]) expect(validate({ ...chain, leaf: leaf(E, leafOf) }, NOW).ok).toBe(true);
  });
});
