import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { expect, test } from 'vitest';
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
