import type { ChainProblem } from '@sealtrack/certificates/x509/problems';
import type { Recipient } from '@sealtrack/envelope/recipient';
import type { SuiteName } from '@sealtrack/envelope/suites';
import type { CertificateId, ProfileId } from '@sealtrack/ids/ids';
import type { MediaType, Policy } from '@sealtrack/ids/media-types';

export interface ProfileCertificate {
  readonly certificateId: CertificateId;
  readonly notBefore: Date;
  /** Not used before. */
  readonly useFrom?: Date | undefined;
  /** A certificate of the same list that is not used any more once this one can be. */
  readonly replaces?: CertificateId | undefined;
  /** Why it may not be used at a time, its dates among it; "revoked" also when the crypto server says so. */
  problemAt(now: Date): CertificateProblem | undefined;
  readonly recipient: Recipient;
}

export type CertificateProblem = ChainProblem | 'too-weak';

/** Of one media type. */
export interface MediaSettings {
  readonly policy: Policy;
  readonly certificates: readonly ProfileCertificate[];
}

/** A profile as this encryptor runs it. */
export interface Profile {
  readonly profileId: ProfileId;
  readonly suite: SuiteName;
  /** For voice, and for what has no settings of its own. */
  readonly settings: MediaSettings;
  readonly own: Readonly<Partial<Record<Exclude<MediaType, 'voice'>, MediaSettings>>>;
  /**
   * Recordings still arrive for it: somebody deleted it, or it is one that this encryptor cannot use, such as one with a
   * suite that it does not know. They are sealed to the holding key, whatever its policy was.
   */
  readonly unusable?: 'profile-deleted' | 'profile-refused' | undefined;
  /** Of the bucket. */
  readonly revision: number;
}

/** What decides how a recording of the profile is stored. */
export interface ProfileInForce {
  readonly profile: Profile;
  /** The tenant's screen settings. */
  readonly screen: MediaSettings | undefined;
  /** The tenant's holding key: its dates are no question. Undefined while there is none. */
  readonly holding: ProfileCertificate | undefined;
}
