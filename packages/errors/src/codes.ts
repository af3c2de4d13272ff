/**
 * Every error that leaves a Sealtrack process, as one closed set of stable strings. What a code becomes on the
 * wire, and what happens to an event whose handling failed with it, is decided here and nowhere else.
 * docs/errors.md says what each means to its reader.
 */

/**
 * What a consumer does with an event that failed: try again a few times; hold it until what is away is back; or give it
 * to people.
 */
export type EventVerdict = 'retry' | 'wait' | 'dead-letter';

/** Names of the gRPC status codes in use here (https://grpc.io/docs/guides/status-codes/). */
export type GrpcStatus =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'OUT_OF_RANGE'
  | 'ABORTED'
  | 'RESOURCE_EXHAUSTED'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'DATA_LOSS'
  | 'UNIMPLEMENTED'
  | 'INTERNAL';

interface Meaning {
  readonly grpc: GrpcStatus;
  readonly event: EventVerdict;
}

const meaning = (grpc: GrpcStatus, event: EventVerdict): Meaning => ({ grpc, event });

export const CODES = {
  INVALID_ARGUMENT: meaning('INVALID_ARGUMENT', 'dead-letter'),
  CONFIG_INVALID: meaning('FAILED_PRECONDITION', 'dead-letter'),

  PERMISSION_DENIED: meaning('PERMISSION_DENIED', 'dead-letter'),
  TICKET_INVALID: meaning('UNAUTHENTICATED', 'dead-letter'),
  // Of the console.
  SIGN_IN_NEEDED: meaning('UNAUTHENTICATED', 'dead-letter'),
  SIGN_IN_REFUSED: meaning('UNAUTHENTICATED', 'dead-letter'),
  LINK_INVALID: meaning('PERMISSION_DENIED', 'dead-letter'),
  PASSWORD_WEAK: meaning('INVALID_ARGUMENT', 'dead-letter'),
  ACCOUNT_NOT_FOUND: meaning('NOT_FOUND', 'dead-letter'),
  ACCOUNT_EXISTS: meaning('ALREADY_EXISTS', 'dead-letter'),

  // A profile or certificate may be on its way to this process, so these are tried again first.
  PROFILE_NOT_FOUND: meaning('NOT_FOUND', 'retry'),
  NO_USABLE_CERTIFICATE: meaning('FAILED_PRECONDITION', 'retry'),
  PROFILE_EXISTS: meaning('ALREADY_EXISTS', 'dead-letter'),
  PROFILE_CONFLICT: meaning('ABORTED', 'retry'),

  RECORDING_NOT_FOUND: meaning('NOT_FOUND', 'retry'),
  RECORDING_EXISTS: meaning('ALREADY_EXISTS', 'dead-letter'),
  MEDIA_EMPTY: meaning('INVALID_ARGUMENT', 'dead-letter'),
  MEDIA_TOO_LARGE: meaning('INVALID_ARGUMENT', 'dead-letter'),
  MEDIA_INCOMPLETE: meaning('INVALID_ARGUMENT', 'dead-letter'),
  MEDIA_UNREADABLE: meaning('FAILED_PRECONDITION', 'retry'),
  MEDIA_NOT_ENCRYPTED: meaning('FAILED_PRECONDITION', 'dead-letter'),
  RANGE_NOT_SATISFIABLE: meaning('OUT_OF_RANGE', 'dead-letter'),
  WAVEFORM_NOT_FOUND: meaning('NOT_FOUND', 'dead-letter'),

  CERTIFICATE_NOT_FOUND: meaning('NOT_FOUND', 'retry'),
  CERTIFICATE_INVALID: meaning('INVALID_ARGUMENT', 'dead-letter'),
  CERTIFICATE_WEAK: meaning('INVALID_ARGUMENT', 'dead-letter'),
  CERTIFICATE_UNTRUSTED: meaning('FAILED_PRECONDITION', 'dead-letter'),
  CERTIFICATE_UNUSABLE: meaning('FAILED_PRECONDITION', 'dead-letter'),
  CERTIFICATE_DELETED: meaning('FAILED_PRECONDITION', 'retry'),
  CERTIFICATE_IN_USE: meaning('FAILED_PRECONDITION', 'dead-letter'),
  CERTIFICATE_CONFLICT: meaning('ABORTED', 'retry'),
  APPROVAL_REFUSED: meaning('PERMISSION_DENIED', 'dead-letter'),
  PRIVATE_KEY_INVALID: meaning('INVALID_ARGUMENT', 'dead-letter'),
  PRIVATE_KEY_PASSWORD_MISSING: meaning('INVALID_ARGUMENT', 'dead-letter'),
  PRIVATE_KEY_PASSWORD_WRONG: meaning('INVALID_ARGUMENT', 'dead-letter'),
  PRIVATE_KEY_MISMATCH: meaning('INVALID_ARGUMENT', 'dead-letter'),
  KEY_NOT_HELD: meaning('FAILED_PRECONDITION', 'retry'),
  SEAL_BROKEN: meaning('DATA_LOSS', 'dead-letter'),
  // Not FAILED_PRECONDITION: another crypto server may be open, and a client that asks again finds it.
  SEALED: meaning('UNAVAILABLE', 'wait'),
  UNSEAL_SHARE_INVALID: meaning('INVALID_ARGUMENT', 'dead-letter'),
  KEYRING_BUSY: meaning('ABORTED', 'retry'),

  // One error for every failure of unwrapping, padding, length, tag or MAC: telling them apart is an oracle.
  DECRYPTION_FAILED: meaning('DATA_LOSS', 'dead-letter'),
  ENVELOPE_INVALID: meaning('DATA_LOSS', 'dead-letter'),
  MANIFEST_INVALID: meaning('DATA_LOSS', 'dead-letter'),

  OBJECT_NOT_FOUND: meaning('NOT_FOUND', 'retry'),
  OBJECT_EXISTS: meaning('ALREADY_EXISTS', 'dead-letter'),
  STORE_UNAVAILABLE: meaning('UNAVAILABLE', 'wait'),
  STORE_FULL: meaning('RESOURCE_EXHAUSTED', 'wait'),
  INDEX_UNAVAILABLE: meaning('UNAVAILABLE', 'wait'),
  SEALED_STORE_UNAVAILABLE: meaning('UNAVAILABLE', 'wait'),
  BACKUP_FAILED: meaning('UNAVAILABLE', 'wait'),
  BACKUP_INVALID: meaning('DATA_LOSS', 'dead-letter'),
  BUS_UNAVAILABLE: meaning('UNAVAILABLE', 'wait'),
  AUDIT_UNAVAILABLE: meaning('UNAVAILABLE', 'wait'),
  SERVICE_UNAVAILABLE: meaning('UNAVAILABLE', 'wait'),
  PEER_UNTRUSTED: meaning('UNAVAILABLE', 'wait'),
  TOO_MANY_UPLOADS: meaning('RESOURCE_EXHAUSTED', 'wait'),
  TOO_MANY_DECRYPTIONS: meaning('RESOURCE_EXHAUSTED', 'wait'),
  TOO_MANY_CALLS: meaning('RESOURCE_EXHAUSTED', 'wait'),
  TOO_MANY_FAILURES: meaning('RESOURCE_EXHAUSTED', 'wait'),
  SHUTTING_DOWN: meaning('UNAVAILABLE', 'retry'),
  DEADLINE_EXCEEDED: meaning('DEADLINE_EXCEEDED', 'retry'),
  CANCELLED: meaning('CANCELLED', 'retry'),
  INTERNAL: meaning('INTERNAL', 'retry'),
} as const satisfies Record<string, Meaning>;

export type ErrorCode = keyof typeof CODES;

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(CODES, text);
