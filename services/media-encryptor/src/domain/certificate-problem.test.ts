import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import {
  ecKeys,
  extension,
  intermediate,
  issue,
  leaf,
  NOW,
  root,
  rsaKeys,
} from '@sealtrack/certificates/x509/testing/issue';
import { describe, expect, test } from 'vitest';
import { createCertificateProblem } from './certificate-problem.ts';

const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z')];
const { certificateDer: der } = await createSelfSigned({ commonName: 'One', notBefore, notAfter });
const other = await createSelfSigned({ commonName: 'Other', notBefore, notAfter });
const problem = createCertificateProblem();

test('a certificate is good from its first moment to its last, whatever was asked before', () => {
  const at = (time: string) => problem({ der, chain: [] }, new Date(time));
  expect(at('2026-06-01T00:00:00Z')).toBeUndefined();
  expect(at('2027-01-01T00:00:01.000Z')).toBe('expired');
  expect(at('2027-01-01T00:00:00.000Z')).toBeUndefined();
  expect(at('2026-01-01T00:00:00.000Z')).toBeUndefined();
  expect(at('2025-12-31T23:59:59.999Z')).toBe('not-yet-valid');
});

test('a chain that does not lead to its own end is no good', () => {
  expect(problem({ der, chain: [other.certificateDer] }, notBefore)).toBe('root-untrusted');
});

test('what is no certificate is no good, and no error either', () => {
  expect(problem({ der: der.subarray(0, 100), chain: [] }, notBefore)).toBe('certificate-malformed');
});

describe('a chain', () => {
  const rootCa = { name: 'Root', keys: ecKeys() };
  const ca = { name: 'CA', keys: ecKeys() };
  const own = { name: 'Sales', keys: rsaKeys() };
  const good = { leaf: leaf(own, ca), ca: intermediate(ca, rootCa), root: root('Root', rootCa.keys) };
  const after = (years: number) => new Date(NOW.getTime() + years * 365 * 24 * 3600 * 1000);

  test('is good down from its end, whoever that is', () => {
    expect(problem({ der: good.leaf, chain: [good.ca, good.root] }, NOW)).toBeUndefined();
    expect(problem({ der: good.leaf, chain: [good.ca] }, NOW)).toBeUndefined();
    expect(problem({ der: good.leaf, chain: [good.root] }, NOW)).toBe('issuer-unknown');
  });

  test('keeps to the dates of all in it', () => {
    const end = { notAfter: after(0.5) };
    for (const chain of [
      [intermediate(ca, rootCa, end), good.root],
      [good.ca, intermediate(rootCa, rootCa, end)],
    ]) {
      expect(problem({ der: good.leaf, chain }, NOW)).toBeUndefined();
      expect(problem({ der: good.leaf, chain }, after(0.6))).toBe('expired');
    }
  });

  test('of a CA that leaves out key identifiers is good enough: the crypto server took it', () => {
    const bare = issue({
      ...{ subject: 'CA', issuer: 'Root', keys: ca.keys, issuerKeys: rootCa.keys },
      extensions: [extension.basicConstraints(true), extension.keyUsage('keyCertSign')],
    });
    expect(problem({ der: good.leaf, chain: [bare, good.root] }, NOW)).toBeUndefined();
  });

  test('is no good for a certificate that is for something else', () => {
    const signing = issue({
      ...{ subject: 'Sales', issuer: 'CA', keys: own.keys, issuerKeys: ca.keys },
      extensions: [extension.basicConstraints(false), extension.keyUsage('digitalSignature')],
    });
    expect(problem({ der: signing, chain: [good.ca, good.root] }, NOW)).toBe('key-usage-missing');
  });
});
