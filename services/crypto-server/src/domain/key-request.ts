import { isCertificateId, isMediaId, isRecordingId, isTenantId } from '@sealtrack/ids/ids';
import { parseLine } from '@sealtrack/ids/line';
import { arePersonNames } from '@sealtrack/ids/person-names';
import { z } from 'zod';

/**
 * What one crypto server asks another for (ADR 20): a statement of this kind, which it signs. Everything that decides whether the
 * session key is handed over is in here, and the answer names the digest of the whole.
 */
export const KEY_REQUEST = 'key-request';

/** Of the statement, as text. */
export const MAX_REQUEST_BYTES = 256 * 1024;

/** From when it was said: long enough for a holder that is slow, and clocks that differ. */
export const MAX_AGE_MS = 30_000;

const line = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => isLine(text, max));
const names = z.array(line(253)).max(100);
/** No certificate has a name with a colon. */
const areOfOneKind = (all: readonly string[]) =>
  !all.some((name) => name.includes(':')) || arePersonNames(all);
const base64 = z.base64().transform((text): Buffer => Buffer.from(text, 'base64'));

const CLAIMS = z.strictObject({
  /** Of this very request: a holder answers none twice. */
  requestId: z.uuid(),
  /** Whose private key is wanted. */
  certificateId: z.string().refine(isCertificateId),
  tenantId: z.string().refine(isTenantId),
  recordingId: z.string().refine(isRecordingId),
  mediaId: z.string().refine(isMediaId),
  action: z.enum(['play', 'export', 'unwrap']),
  purpose: line(256),
  /** Of the access at the server that asks. */
  accessId: z.uuid(),
  /**
   * As that server has verified it: the names of the caller's certificate, and the address it came from; or those of the person on
   * whose behalf it asked, with the names of the certificate in `via`.
   */
  caller: z.strictObject({ names: names.refine(areOfOneKind), via: names.default([]), peer: line(256) }),
  /** As it was presented; empty without one. */
  ticket: z.string().max(4096),
  clientAddress: line(64),
  traceparent: z.string().max(64),
  envelope: base64,
  /** SubjectPublicKeyInfo of the key that the answer is to be encrypted to: made for this, and for nothing else. */
  publicKey: base64,
});

export type KeyRequest = z.infer<typeof CLAIMS>;

/** Nothing is said of `via` where there is none: holders of before know no such claim, and answer nothing that has one. */
export const claimsOf = ({ envelope, publicKey, caller: { via, ...caller }, ...request }: KeyRequest) => ({
  ...request,
  caller: via.length === 0 ? caller : { ...caller, via },
  envelope: envelope.toString('base64'),
  publicKey: publicKey.toString('base64'),
});

/** Undefined for what is none. */
export const parseKeyRequest = (claims: unknown): KeyRequest | undefined => CLAIMS.safeParse(claims).data;

function isLine(text: string, max: number): boolean {
  try {
    parseLine('', text, { min: 0, max });
    return true;
  } catch {
    return false;
  }
}
