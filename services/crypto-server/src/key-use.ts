import type { Envelope } from '@sealtrack/envelope/envelope';
import type { CertificateId, MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { CallerContext } from './caller-context.ts';

/** On whose behalf somebody asks, of a playback ticket that was verified; all empty without one. */
export interface OnBehalfOf {
  readonly user: string;
  readonly ticketId: string;
}

/** What a session key is wanted for, and by whom: what its holder authorises and puts on record. */
export interface KeyUse {
  readonly tenantId: TenantId;
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  readonly action: 'play' | 'export' | 'unwrap';
  readonly purpose: string;
  /** Of the access, in audit records. */
  readonly accessId: string;
  readonly caller: CallerContext;
  readonly onBehalfOf: OnBehalfOf;
  /** As it was presented, for a holder elsewhere to verify by itself; empty without one. */
  readonly ticket: string;
  /** As the caller said. */
  readonly clientAddress: string;
}

/** A private key that opens the envelope, here or with another crypto server. */
export interface FoundKey {
  readonly certificateId: CertificateId;
  /** The session key, the caller's to wipe. Once: a key that was asked for elsewhere is there already. */
  dek(): Promise<Buffer>;
}

/**
 * Finds the first of the certificates whose private key is held here, without using it; when none is, has another crypto
 * server open the envelope.
 * @throws AppError KEY_NOT_HELD, naming the certificates, or SEAL_BROKEN or CERTIFICATE_DELETED when that is why there is
 * none; ENVELOPE_INVALID; from elsewhere also PERMISSION_DENIED and TICKET_INVALID.
 */
export type FindMediaKey = (
  use: KeyUse,
  envelope: Envelope,
  certificateIds: readonly string[],
) => Promise<FoundKey>;
