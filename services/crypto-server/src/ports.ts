import type { KeyObject } from 'node:crypto';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type {
  AccessDenied,
  CertificateDeletionRecorded,
  KeysBackupRecorded,
  MediaDecryptEnded,
  MediaDecryptFailed,
  MediaDecryptRequested,
  MediaExportRequested,
  MediaKeyHandedOver,
  MediaKeysUnwrapped,
  MediaRewrapped,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { CertificateId, KeyId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { OpenArchive } from '@sealtrack/sealed-store/archive-reader';
import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';
import type { Ticket } from '@sealtrack/tickets/ticket';

/** Certificates, in the clear. Every method throws SEALED_STORE_UNAVAILABLE when the store cannot be reached in time. */
export interface Certificates {
  /**
   * Durable when it resolves. One that is there already stays as it is, and is what this resolves to.
   * @throws AppError SEAL_BROKEN when its private key is not there (any more).
   */
  add(certificate: Certificate): Promise<Certificate>;
  /** Durable when it resolves. Throws CERTIFICATE_CONFLICT when it is no longer as it was `before`. */
  replace(before: Certificate, after: Certificate): Promise<void>;
  /** For good, and its sealed private key with the last certificate on it. Throws CERTIFICATE_CONFLICT likewise. */
  remove(certificate: Certificate): Promise<void>;
  get(tenantId: TenantId, certificateId: CertificateId): Promise<Certificate | undefined>;
  /** By alias, then id; with `expiresBefore` the soonest first. */
  page(tenantId: TenantId, query: CertificateQuery): Promise<CertificatePage>;
}

export interface CertificateQuery {
  /** In lower case; all of them have to be in alias, a name, the serial number or an id. */
  readonly words: readonly string[];
  /** `next` of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
  readonly deleted: 'none' | 'also' | 'only';
  /** Only those whose last moment is before it. */
  readonly expiresBefore?: Date | undefined;
}

export interface CertificatePage {
  readonly certificates: readonly Certificate[];
  /** Of all pages. */
  readonly total: number;
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/** Why no new recording may be encrypted to a certificate at this moment: empty when one may. */
export type JudgeCertificate = (certificate: Certificate) => Pick<Certificate, 'problem' | 'problemText'>;

/** Private keys, sealed in the store and open only in memory. Throws SEALED_STORE_UNAVAILABLE likewise. */
export interface PrivateKeys {
  /**
   * Seals the key and stores it. When it resolves, the key was read back from the store and opened, and is the same.
   * A key that is there already stays as it is.
   */
  add(tenantId: TenantId, keyId: KeyId, certificateId: CertificateId, key: KeyObject): Promise<void>;
  /** Undefined when it is not held here. Throws SEAL_BROKEN when it does not open. */
  get(tenantId: TenantId, keyId: KeyId): Promise<KeyObject | undefined>;
  has(tenantId: TenantId, keyId: KeyId): Promise<boolean>;
  /** As it is stored, sealed. */
  getSealed(tenantId: TenantId, keyId: KeyId): Promise<string | undefined>;
}

/** Drops the open copies of a private key that are in memory. */
export type ForgetKey = (tenantId: TenantId, certificateId: CertificateId) => void;

export interface RecordingDirectory {
  /** What the index has of a recording. Throws RECORDING_NOT_FOUND, SERVICE_UNAVAILABLE. */
  find(tenantId: TenantId, recordingId: RecordingId, signal: AbortSignal): Promise<IndexedRecording>;
}

export interface IndexedRecording {
  /** In the media store. */
  readonly manifestKey: string;
  /** The suite of each media file, by its id; "clear" of those that are not encrypted. */
  readonly suites: ReadonlyMap<string, string>;
}

export interface RecordingCounter {
  /** Recordings that are encrypted to the certificate, as far as they were indexed. Throws SERVICE_UNAVAILABLE, INDEX_UNAVAILABLE. */
  count(tenantId: TenantId, certificateId: CertificateId): Promise<bigint>;
}

export interface Assignments {
  /** What is encrypted to the certificate from now on. Throws BUS_UNAVAILABLE. */
  usesOf(tenantId: TenantId, certificateId: CertificateId): Promise<CertificateUses>;
}

export interface CertificateUses {
  /** The IVR profiles that have it, for media of whatever type. */
  readonly profiles: readonly string[];
  /** Whether it is one of the tenant's screen recording certificates. */
  readonly screen: boolean;
  /** Whether it is what recordings are sealed to that have no other certificate. */
  readonly holding: boolean;
}

/** Which of a tenant's holding keys is the one that counts. Throws SEALED_STORE_UNAVAILABLE likewise. */
export interface HoldingKeys {
  /** The id of its certificate, as far as the store can be believed. */
  current(tenantId: TenantId): Promise<string | undefined>;
  /** Makes it `next`, unless it is no longer `before`. Durable when it resolves, to the one that it is then. */
  claim(tenantId: TenantId, before: string | undefined, next: CertificateId): Promise<string>;
}

/** A second place for what an import was given, apart from Redis, in a folder of this machine. */
export interface BackupFolder {
  /** Durable when it resolves; replaces what is there. Throws BACKUP_FAILED. */
  keep(certificate: Certificate, sealedKey: string): Promise<void>;
  /** What is gone already is fine. Throws BACKUP_FAILED. */
  forget(tenantId: TenantId, certificateId: CertificateId): Promise<void>;
}

/** A place for a stream that has to be read twice. What is put there is encrypted already. */
export interface Spool {
  /**
   * Takes a stream down, and gives it back from its beginning, any number of times. It is gone when it is disposed.
   * @throws AppError INVALID_ARGUMENT when it is too large; BACKUP_FAILED when it cannot be written.
   */
  keep(chunks: AsyncIterable<Uint8Array>): Promise<Spooled>;
}

export interface Spooled extends AsyncDisposable {
  read(): AsyncIterable<Uint8Array>;
}

/** What keys are restored from. It is read more than once. */
export interface BackupSource {
  /** Throws BACKUP_INVALID, SEALED, SEAL_BROKEN: see KeyArchives. */
  open(): Promise<OpenArchive>;
  /** Under which keyring it is, without opening that. Throws BACKUP_INVALID. */
  header(): Promise<{ readonly keyring: KeyringRecord }>;
}

/** Those who may approve what needs two people. */
export interface Approvers {
  /**
   * Whether this is the approver's signature of the statement.
   * @throws AppError APPROVAL_REFUSED when it is not, or nobody of that name may approve here.
   */
  check(approver: string, statement: string, signature: Uint8Array): Promise<void>;
  /** Those of them who may approve at this moment. */
  among(names: readonly string[]): Promise<string[]>;
}

/** Playback tickets that are for one use, of all crypto servers together. */
export interface UsedTickets {
  /** Throws TICKET_INVALID when it was used before; BUS_UNAVAILABLE or STORE_FULL when nobody can tell, and then it is not used. */
  use(ticket: Pick<Ticket, 'issuer' | 'ticketId'>): Promise<void>;
}

/** Other crypto servers, by the certificates whose private keys they hold. */
export interface KeyHolders {
  /**
   * Asks one of those who hold the certificate's key. An answer that `read` gives undefined for is as if it had not come.
   * Throws BUS_UNAVAILABLE, CANCELLED or the AppError that the signal is aborted with, and what `read` throws.
   */
  ask<T>(certificateId: CertificateId, statement: string, options: AskOptions<T>): Promise<HolderOutcome<T>>;
}

export interface AskOptions<T> {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly read: (answer: string) => Promise<T | undefined>;
}

export type HolderOutcome<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'nobody' | 'busy' | 'late' };

/** Certificates whose private keys are held here, for whichever tenant. */
export interface HeldCertificates {
  /** As they are now: what this or another server on the same store imported, deleted or restored is in it. Throws SEALED_STORE_UNAVAILABLE. */
  now(): Promise<ReadonlySet<CertificateId>>;
}

/** Each resolves once the record cannot be lost. Throws AUDIT_UNAVAILABLE, and then nothing may leave. */
export interface AuditTrail {
  decryptRequested(record: MediaDecryptRequested, traceparent: string): Promise<void>;
  /** What became of it: says which check failed, too, which nobody else is told. */
  decryptEnded(record: MediaDecryptEnded, traceparent: string): Promise<void>;
  keyHandedOver(record: MediaKeyHandedOver, traceparent: string): Promise<void>;
  accessDenied(record: AccessDenied, traceparent: string): Promise<void>;
  /** Of what was to be sealed to other certificates. */
  decryptFailed(record: MediaDecryptFailed, traceparent: string): Promise<void>;
  exportRequested(record: MediaExportRequested, traceparent: string): Promise<void>;
  certificateDeletion(record: CertificateDeletionRecorded, traceparent: string): Promise<void>;
  keysUnwrapped(record: MediaKeysUnwrapped, traceparent: string): Promise<void>;
  mediaRewrapped(record: MediaRewrapped, traceparent: string): Promise<void>;
  keysBackup(record: KeysBackupRecorded, traceparent: string): Promise<void>;
}

/**
 * Gives what encrypts to a caller's public key, as a JWE; whoever has the secrets zeroes them. Throws INVALID_ARGUMENT,
 * naming `field`, for a key that it cannot encrypt to.
 */
export type EncryptToCaller = (field: string, publicKey: Uint8Array) => (secrets: Uint8Array) => string;

export interface Announcer {
  /** A notice for people. Never throws; what could not be said is logged. */
  certificateImported(certificate: Certificate): Promise<void>;
  certificateDeleted(certificate: Certificate): Promise<void>;
  certificateRestored(certificate: Certificate): Promise<void>;
}

export type Clock = () => Date;
