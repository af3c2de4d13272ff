import type { CertificateInfo } from '@sealtrack/certificates/certificate';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';

/** What the certificate itself says, as it goes over the wire and into the store. */
export const describeForWire = (info: CertificateInfo) => ({
  certificateId: info.certificateId,
  keyId: info.keyId,
  subjectName: info.subjectName,
  subject: info.subject,
  issuer: info.issuer,
  serialNumber: info.serialNumber,
  notBefore: info.notBefore,
  notAfter: info.notAfter,
  keyBits: info.keyBits,
  publicExponent: String(info.publicExponent),
  signatureAlgorithm: info.signatureAlgorithm,
  der: info.der,
  // Of the moment, so of no use in the store.
  ...({ problem: '', problemText: '' } satisfies Pick<Certificate, 'problem' | 'problemText'>),
});
