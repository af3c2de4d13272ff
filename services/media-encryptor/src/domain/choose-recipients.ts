import type { CertificateId } from '@sealtrack/ids/ids';
import type { CertificateProblem, MediaSettings, ProfileCertificate } from './profile.ts';

export interface Judged {
  readonly certificate: ProfileCertificate;
  readonly problem: CertificateProblem;
}

export interface Recipients {
  /** Whom a recording is sealed to, newest first; nobody when no certificate can be used. */
  readonly recipients: readonly ProfileCertificate[];
  /** What cannot be used, and why. A certificate that has not taken over yet is "not-yet-valid". */
  readonly unusable: readonly Judged[];
}

/**
 * Every certificate that can be used at `now`, newest first, but for those that another one that can be used replaces: a
 * successor takes over once it can, and until then its predecessor goes on.
 */
export function chooseRecipients({ certificates }: MediaSettings, now: Date): Recipients {
  const usable: ProfileCertificate[] = [];
  const unusable: Judged[] = [];
  const replaced = new Set<CertificateId>();
  for (const certificate of certificates) {
    const problem = problemOf(certificate, now);
    if (problem !== undefined) unusable.push({ certificate, problem });
    else {
      usable.push(certificate);
      if (certificate.replaces !== undefined && certificate.replaces !== certificate.certificateId)
        replaced.add(certificate.replaces);
    }
  }
  const kept = usable.filter(({ certificateId }) => !replaced.has(certificateId));
  return {
    // Some that replace one another in a circle leave nobody, and all of them can be used.
    recipients: distinct((kept.length > 0 ? kept : usable).sort(newestFirst)),
    unusable: unusable.filter(({ certificate }) => !replaced.has(certificate.certificateId)),
  };
}

function problemOf(certificate: ProfileCertificate, now: Date): CertificateProblem | undefined {
  const problem = certificate.problemAt(now);
  if (problem !== undefined) return problem;
  return certificate.useFrom !== undefined && now < certificate.useFrom ? 'not-yet-valid' : undefined;
}

const newestFirst = (a: ProfileCertificate, b: ProfileCertificate): number =>
  b.notBefore.getTime() - a.notBefore.getTime();

/** Of those with one issuer and serial number the newest: an envelope cannot tell them apart. */
function distinct(certificates: readonly ProfileCertificate[]): readonly ProfileCertificate[] {
  if (certificates.length < 2) return certificates;
  const seen = new Set<string>();
  return certificates.filter(({ recipient }) => {
    const name = recipient.issuerAndSerial.toString('latin1');
    return !seen.has(name) && seen.add(name);
  });
}
