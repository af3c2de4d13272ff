import type {
  CertificateExpiring,
  CertificateRevoked,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/configuration';
import type {
  AssignedCertificate,
  EncryptorStatus,
  HoldingKey,
  IvrProfile,
  ProfileServiceClient,
  ProfileServiceImplementation,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { CertificateId, ProfileId, TenantId } from '@sealtrack/ids/ids';
import type { Assignment, Settings } from './domain/assigned-certificates.ts';

/**
 * The profiles, where every encryptor watches them: saving is pushing. Every method throws BUS_UNAVAILABLE when the
 * bus cannot be reached in time, those that read CONFIG_INVALID for an entry that cannot be read, and those that write
 * INVALID_ARGUMENT for one that would be too large.
 */
export interface ProfileStore {
  /** Throws PROFILE_EXISTS. Resolves to the profile with its revision. */
  create(profile: IvrProfile): Promise<IvrProfile>;
  /** Throws PROFILE_CONFLICT when the stored revision is not `profile.revision` any more. */
  update(profile: IvrProfile): Promise<IvrProfile>;
  /** One that was deleted is found too. */
  find(tenantId: TenantId, profileId: ProfileId): Promise<IvrProfile | undefined>;
  /** As `find`, and throws PROFILE_NOT_FOUND. */
  get(tenantId: TenantId, profileId: ProfileId): Promise<IvrProfile>;
}

/** The same for a tenant's screen settings. */
export interface ScreenSettingsStore {
  /** Throws PROFILE_CONFLICT when there are some. */
  create(settings: ScreenSettings): Promise<ScreenSettings>;
  /** Throws PROFILE_CONFLICT when the stored revision is not `settings.revision` any more. */
  update(settings: ScreenSettings): Promise<ScreenSettings>;
  find(tenantId: TenantId): Promise<ScreenSettings | undefined>;
}

/** The holding keys, beside the profiles. Every method throws BUS_UNAVAILABLE. */
export interface HoldingKeyStore {
  has(tenantId: TenantId): Promise<boolean>;
  /** The one that somebody else stored meanwhile stays. */
  add(key: HoldingKey): Promise<void>;
  /** Undefined where `has` is false. */
  certificateId(tenantId: TenantId): Promise<CertificateId | undefined>;
  /** In place of the one with this certificate; another one that somebody else stored meanwhile stays. */
  replace(certificateId: CertificateId, key: HoldingKey): Promise<void>;
}

export interface HoldingDirectory {
  /**
   * The tenant's holding key, made if it has none: always the same one. Throws SEALED, SERVICE_UNAVAILABLE and what else
   * keeps the crypto server from storing a key.
   */
  ensure(tenantId: TenantId): Promise<AssignedCertificate>;
  /** Whether what is sealed to it can be opened. Throws likewise. */
  isHeld(tenantId: TenantId, certificateId: CertificateId): Promise<boolean>;
}

/** A tenant has a holding key once this is done. Throws as HoldingKeyStore and HoldingDirectory do. */
export type EnsureHoldingKey = (tenantId: TenantId) => Promise<void>;

/** What is asked of all profiles at once, in memory, as of the newest change. */
export interface ProfileLists {
  /**
   * In the order of their ids, without DER and chains, deleted ones among them; with what this process wrote before.
   * Throws BUS_UNAVAILABLE when it is not known soon what is the newest.
   */
  list(tenantId: TenantId): Promise<readonly IvrProfile[]>;
  /** Ids of the tenant's screen recording certificates. Throws likewise. */
  screenCertificates(tenantId: TenantId): Promise<ReadonlySet<string>>;
  /** Every tenant that has a profile, screen settings or a holding key, in order. Throws likewise. */
  tenants(): Promise<readonly TenantId[]>;
}

export interface CertificateDirectory {
  /**
   * The certificate as recordings are encrypted to it. Throws CERTIFICATE_NOT_FOUND, CERTIFICATE_UNUSABLE, KEY_NOT_HELD
   * when no crypto server could open what was encrypted to it, SERVICE_UNAVAILABLE.
   */
  get(tenantId: TenantId, certificateId: CertificateId): Promise<AssignedCertificate>;
}

export interface Announcer {
  /** Notices for people: encryptors go by the store. Never throw; what could not be said is logged. */
  profileChanged(profile: IvrProfile): Promise<void>;
  screenSettingsChanged(settings: ScreenSettings): Promise<void>;
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

/** What is assigned, of all tenants. */
export interface AllSettings {
  /**
   * Every profile and every tenant's screen settings; not those that cannot be read, which is logged.
   * @throws AppError BUS_UNAVAILABLE
   */
  list(): Promise<readonly Assignment[]>;
}

export interface SettingsStore {
  /**
   * Replaces an entry by what `change` makes of it as it is now, and leaves it where that is undefined. Resolves to
   * whether it was replaced. What is not there, or cannot be read, is left too.
   * @throws AppError PROFILE_CONFLICT when somebody else changed it meanwhile; BUS_UNAVAILABLE
   */
  change(
    entry: Pick<Assignment, 'tenantId' | 'holder'>,
    change: (settings: Settings) => Settings | undefined,
  ): Promise<boolean>;
}

/** What was said and is not to be said again, for all processes and after restarts. Throws BUS_UNAVAILABLE. */
export interface Notices {
  has(name: string): Promise<boolean>;
  /** One that is there already is fine. */
  keep(name: string): Promise<void>;
}

/** Each resolves when the event is stored; said twice within minutes, it is stored once. Throws BUS_UNAVAILABLE, STORE_FULL. */
export interface CertificateAnnouncer {
  expiring(certificate: CertificateExpiring): Promise<void>;
  revoked(certificate: CertificateRevoked): Promise<void>;
}

export interface Revocations {
  /** The ids of a tenant's certificates that are revoked. Throws SERVICE_UNAVAILABLE, SEALED, … */
  of(tenantId: string, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

export type Clock = () => Date;
