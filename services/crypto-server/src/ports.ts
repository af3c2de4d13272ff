import type { KeyObject } from 'node:crypto';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type {
  MediaDecryptFailed,
  MediaDecryptRequested,
  MediaExportRequested,
  MediaKeysUnwrapped,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { CertificateId, KeyId, RecordingId, TenantId } from '@sealtrack/ids/ids';

/** Certificates, in the clear. Every method throws SEALED_STORE_UNAVAILABLE when the store cannot be reached in time. */
export interface Certificates {
  /** Durable when it resolves. One that is there already stays as it is, and is what this resolves to. */
  add(certificate: Certificate): Promise<Certificate>;
  get(tenantId: TenantId, certificateId: CertificateId): Promise<Certificate | undefined>;
  /** In the order of their ids. */
  list(tenantId: TenantId): Promise<readonly Certificate[]>;
}

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
}

export interface RecordingDirectory {
  /** The manifest's key in the media store. Throws RECORDING_NOT_FOUND, SERVICE_UNAVAILABLE. */
  manifestKey(tenantId: TenantId, recordingId: RecordingId, signal: AbortSignal): Promise<string>;
}

/** Each resolves once the record cannot be lost. Throws AUDIT_UNAVAILABLE, and then nothing may leave. */
export interface AuditTrail {
  decryptRequested(record: MediaDecryptRequested, traceparent: string): Promise<void>;
  /** The one place that says which check failed. */
  decryptFailed(record: MediaDecryptFailed, traceparent: string): Promise<void>;
  exportRequested(record: MediaExportRequested, traceparent: string): Promise<void>;
  keysUnwrapped(record: MediaKeysUnwrapped, traceparent: string): Promise<void>;
}

/**
 * Gives what encrypts to a caller's public key, as a JWE; whoever has the secrets zeroes them. Throws INVALID_ARGUMENT,
 * naming `field`, for a key that it cannot encrypt to.
 */
export type EncryptToCaller = (field: string, publicKey: Uint8Array) => (secrets: Uint8Array) => string;

export interface Announcer {
  /** A notice for people. Never throws; what could not be said is logged. */
  certificateImported(certificate: Certificate): Promise<void>;
}

export type Clock = () => Date;
