import { createHash } from 'node:crypto';
import type { CertificateId, KeyId } from '@sealtrack/ids/ids';
import type { CertificateInfo } from './certificate.ts';

/** All that a person should see of a certificate before importing it. Dates apart, everything is text or a number. */
export interface CertificateDescription {
  readonly subjectName: string;
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly keyAlgorithm: 'RSA';
  readonly keyBits: number;
  readonly publicExponent: string;
  readonly keyUsage: readonly string[];
  readonly isCa: boolean;
  readonly signatureAlgorithm: string;
  /** SHA-256 of the certificate, in hex. */
  readonly certificateId: CertificateId;
  readonly sha1Fingerprint: string;
  readonly keyId: KeyId;
  /** Sentences, the weightiest first. */
  readonly warnings: readonly string[];
}

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_DAYS = 30;

export function describeCertificate(info: CertificateInfo, now: Date): CertificateDescription {
  const { subjectName, subject, issuer, serialNumber, notBefore, notAfter, keyBits, isCa } = info;
  return {
    ...{ subjectName, subject, issuer, serialNumber, notBefore, notAfter },
    ...{ keyAlgorithm: 'RSA', keyBits, publicExponent: String(info.publicExponent), isCa },
    keyUsage: info.keyUsage ?? [],
    signatureAlgorithm: info.signatureAlgorithm,
    certificateId: info.certificateId,
    sha1Fingerprint: createHash('sha1').update(info.der).digest('hex'),
    keyId: info.keyId,
    warnings: certificateWarnings(info, now),
  };
}

/** What whoever imports the certificate should know, in sentences. */
export function certificateWarnings(info: CertificateInfo, now: Date): string[] {
  return [...dateWarnings(info, now), ...weaknessWarnings(info), ...useWarnings(info)];
}

function dateWarnings({ notBefore, notAfter }: CertificateInfo, now: Date): string[] {
  if (now > notAfter)
    return [
      `This certificate expired on ${notAfter.toISOString()}: it opens old recordings, and encrypts no new ones.`,
    ];
  if (now < notBefore)
    return [
      `This certificate is not valid before ${notBefore.toISOString()}: until then it encrypts nothing.`,
    ];
  const daysLeft = Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS);
  if (daysLeft >= SOON_DAYS) return [];
  return [
    `This certificate expires on ${notAfter.toISOString()}, in ${daysLeft} days: import its successor before then.`,
  ];
}

function weaknessWarnings({ weaknesses, keyBits, signatureAlgorithm }: CertificateInfo): string[] {
  const reasons = [
    ...(weaknesses.includes('short-rsa-key') ? [`its RSA key has ${keyBits} bits only`] : []),
    ...(weaknesses.includes('sha1-signature') ? [`it is signed with ${signatureAlgorithm}`] : []),
  ];
  if (reasons.length === 0) return [];
  return [
    `This certificate is weak (${reasons.join(', and ')}): it opens old recordings, and encrypts no new ones.`,
  ];
}

function useWarnings({ keyUsage, isCa }: CertificateInfo): string[] {
  const warnings: string[] = [];
  if (keyUsage !== undefined && !keyUsage.includes('keyEncipherment'))
    warnings.push('This certificate is not meant for encryption: its key usage lacks keyEncipherment.');
  if (isCa)
    warnings.push(
      'This is the certificate of a CA: whoever opens recordings with it could issue certificates too.',
    );
  return warnings;
}
