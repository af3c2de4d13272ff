import type { MediaSettings, Profile, ProfileCertificate } from './profile.ts';

/** Why this encryptor does not use something that was pushed to it. */
export interface Refusal {
  /** A code of docs/errors.md, or a certificate's problem such as "root-untrusted". */
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string;
}

/** A certificate of a profile, as it can be reported on. */
export interface ReviewedCertificate extends ProfileCertificate {
  /**
   * What this encryptor has against it, beside its dates: that it waits for its first day, or had its last, is as it should
   * be. Nor that the crypto server knows that it was revoked.
   */
  refusalAt(now: Date): Refusal | undefined;
}

/** An entry of the bucket `profiles`, taken apart. */
export interface Contents {
  /** What it is: at most one of these, and none for an entry that nothing can be made of. */
  readonly profile?: Profile;
  readonly screen?: MediaSettings;
  readonly holding?: ProfileCertificate;
  /** Every certificate in it. */
  readonly certificates: readonly ReviewedCertificate[];
  /** That of the whole entry has no certificate. */
  readonly refused: readonly (Refusal & { readonly certificateId?: string })[];
}

export interface ProfileEntry {
  /** Such as "demo.101" or "demo.screen". */
  readonly key: string;
  /** Of the bucket. */
  readonly revision: number;
  /** As it is in the bucket. */
  readonly value: Uint8Array;
  /**
   * When it is asked for first: thousands of entries are read in a moment when an encryptor starts, and taken apart while it
   * runs.
   */
  contents(): Contents;
}

/** Everything in the bucket at one moment, and what was lost from it. Not to be changed. */
export interface ProfileSnapshot {
  readonly entries: ReadonlyMap<string, ProfileEntry>;
  /** Of the newest of them that is in the bucket; 0 without any. */
  readonly revision: number;
}

export const PROFILES_LOST =
  'profiles vanished from the bucket that nobody deleted: going on with them as they were. Put the bucket back from its backup, or create them again; those that are not wanted, create and delete';
