import type { CertificateInfo } from './certificate.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_DAYS = 30;

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
