import type { Recipient } from '@sealtrack/envelope/recipient';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, ProfileId } from '@sealtrack/ids/ids';

export interface ProfileCertificate {
  readonly certificateId: CertificateId;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly recipient: Recipient;
}

/** A profile as this encryptor runs it. */
export interface Profile {
  readonly profileId: ProfileId;
  readonly suite: SuiteName;
  readonly certificates: readonly ProfileCertificate[];
  readonly revision: number;
}

/**
 * Every certificate of the profile that is valid at `now` (both dates inclusive, RFC 5280 §4.1.2.5), newest first.
 * @throws AppError NO_USABLE_CERTIFICATE when there is none: a recording is never stored in clear instead.
 */
export function chooseRecipients(profile: Profile, now: Date): readonly ProfileCertificate[] {
  const usable = profile.certificates
    .filter(({ notBefore, notAfter }) => notBefore <= now && now <= notAfter)
    .sort((a, b) => b.notBefore.getTime() - a.notBefore.getTime());
  if (usable.length > 0) return usable;
  const assigned = profile.certificates.length;
  throw new AppError(
    'NO_USABLE_CERTIFICATE',
    assigned === 0
      ? `IVR profile ${profile.profileId} has no certificate assigned`
      : `None of the ${assigned} certificates of IVR profile ${profile.profileId} is valid at this time`,
    {
      fix: `Assign a valid certificate: sealtrack profiles assign ${profile.profileId} <certificate-id>. Then send the recording again, or retry its capture.`,
      details: { profile_id: profile.profileId },
    },
  );
}
