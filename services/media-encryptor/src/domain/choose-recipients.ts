import type { ChainProblem } from '@sealtrack/certificates/x509/problems';
import type { Recipient } from '@sealtrack/envelope/recipient';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, ProfileId } from '@sealtrack/ids/ids';

export interface ProfileCertificate {
  readonly certificateId: CertificateId;
  readonly notBefore: Date;
  /** Why it may not be used at a time, its dates among it: certificate-problem.ts. */
  problemAt(now: Date): ChainProblem | undefined;
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
 * Every certificate of the profile that is good at `now`, newest first.
 * @throws AppError NO_USABLE_CERTIFICATE when there is none: a recording is never stored in clear instead.
 */
export function chooseRecipients(profile: Profile, now: Date): readonly ProfileCertificate[] {
  const judged = profile.certificates.map((each) => ({ each, problem: each.problemAt(now) }));
  const usable = judged
    .filter(({ problem }) => problem === undefined)
    .map(({ each }) => each)
    .sort((a, b) => b.notBefore.getTime() - a.notBefore.getTime());
  if (usable.length > 0) return usable;
  const assigned = profile.certificates.length;
  const problems = [...new Set(judged.map(({ problem }) => problem))].join(', ');
  throw new AppError(
    'NO_USABLE_CERTIFICATE',
    assigned === 0
      ? `IVR profile ${profile.profileId} has no certificate assigned`
      : `None of the ${assigned} certificates of IVR profile ${profile.profileId} is valid at this time (${problems})`,
    {
      fix: `Assign a valid certificate: sealtrack profiles assign ${profile.profileId} <certificate-id>. Then send the recording again, or retry its capture.`,
      details: { profile_id: profile.profileId, problems },
    },
  );
}
