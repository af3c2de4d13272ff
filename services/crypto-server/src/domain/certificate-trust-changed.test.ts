import { parseCertificate } from '@sealtrack/certificates/certificate';
import { parseCrl } from '@sealtrack/certificates/x509/crl';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { extension, issue, issueCrl, NOW, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { expect, test } from 'vitest';
import { createCertificateTrust } from './certificate-trust.ts';
import { describeForWire } from './describe-for-wire.ts';

const [caKeys, keys] = [rsaKeys(), rsaKeys()];
const root = issue({
  ...{ subject: 'Root', issuer: 'Root', keys: caKeys, issuerKeys: caKeys },
  extensions: [extension.basicConstraints(true)],
});
const soon = new Date(NOW.getTime() + 3_600_000);
const leaf = issue({
  ...{ subject: 'Leaf', issuer: 'Root', keys, issuerKeys: caKeys, serial: 7, notBefore: soon },
});
const crl = (serial: number) =>
  parseCrl(issueCrl({ issuer: 'Root', issuerKeys: caKeys, revoked: [{ serial }] }));

const certificate = {
  ...Certificate.fromJSON({}),
  ...describeForWire(parseCertificate(leaf)),
  ...{ trust: 'trusted-root', chain: [root] },
};

const judge = (serial: number, roots: readonly X509[] = [parseX509(root)]) =>
  createCertificateTrust({
    accept: 'any',
    profile: 'lenient',
    roots: () => roots,
    crls: () => [crl(serial)],
  }).judge(certificate, NOW).problem;

test('that a certificate is not valid yet hides neither that it was revoked nor that its root is gone', () => {
  expect(judge(8)).toBe('not-yet-valid');
  expect(judge(7)).toBe('revoked');
  expect(judge(8, [])).toBe('root-untrusted');
});

test('where only roots count by now, a certificate that was trusted otherwise before is not', () => {
  const judged = (accept: 'any' | 'roots') =>
    createCertificateTrust({ accept, profile: 'lenient', roots: () => [], crls: () => [] }).judge(
      { ...certificate, trust: 'private-ca' },
      soon,
    ).problem;
  expect(judged('any')).toBe('');
  expect(judged('roots')).toBe('root-untrusted');
});
