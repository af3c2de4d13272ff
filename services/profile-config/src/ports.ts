import type {
  AssignedCertificate,
  EncryptorStatus,
  IvrProfile,
  ProfileServiceClient,
  ProfileServiceImplementation,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { CertificateId, ProfileId, TenantId } from '@sealtrack/ids/ids';

/**
 * The profiles, where every encryptor watches them: saving is pushing. Every method throws BUS_UNAVAILABLE when the
 * bus cannot be reached in time.
 */
export interface ProfileStore {
  /** Throws PROFILE_EXISTS. Resolves to the profile with its revision. */
  create(profile: IvrProfile): Promise<IvrProfile>;
  /** Throws PROFILE_CONFLICT when the stored revision is not `profile.revision` any more. */
  update(profile: IvrProfile): Promise<IvrProfile>;
  /** Throws PROFILE_NOT_FOUND. */
  get(tenantId: TenantId, profileId: ProfileId): Promise<IvrProfile>;
  /** In the order of their ids. */
  list(tenantId: TenantId): Promise<readonly IvrProfile[]>;
}

export interface CertificateDirectory {
  /**
   * The certificate as recordings are encrypted to it. Throws CERTIFICATE_NOT_FOUND, CERTIFICATE_UNUSABLE, KEY_NOT_HELD
   * when no crypto server could open what was encrypted to it, SERVICE_UNAVAILABLE.
   */
  get(tenantId: TenantId, certificateId: CertificateId): Promise<AssignedCertificate>;
}

export interface Announcer {
  /** A notice for people: encryptors go by the store. Never throws; what could not be said is logged. */
  profileChanged(profile: IvrProfile): Promise<void>;
}

export interface PushedEntries {
  /** The newest revision of what lies under the key; undefined when there is nothing. Throws BUS_UNAVAILABLE. */
  revisionOf(key: string): Promise<bigint | undefined>;
}

export interface EncryptorStatuses {
  /** What each encryptor said last, within the last minute. Throws BUS_UNAVAILABLE. */
  list(): Promise<readonly EncryptorStatus[]>;
}

export interface CertificateFinder {
  /**
   * Every certificate with this serial number, in lower-case hex without leading zeros, that recordings can be encrypted
   * to as far as this tells. Throws SERVICE_UNAVAILABLE.
   */
  bySerial(tenantId: TenantId, serial: string): Promise<readonly FoundCertificate[]>;
}

export interface FoundCertificate {
  readonly certificateId: CertificateId;
  /** An RFC 4514 string, whole. */
  readonly issuer: string;
}

/** The service's own calls, as people make them. */
export type ProfileCalls<Name extends keyof ProfileServiceImplementation> = {
  readonly [Each in Name]: (
    request: Parameters<ProfileServiceImplementation[Each]>[0],
  ) => Promise<Awaited<ReturnType<ProfileServiceClient[Each]>>>;
};

export type Clock = () => Date;
