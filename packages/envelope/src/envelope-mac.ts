import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { framed, uint64 } from './framed.ts';

export const ENVELOPE_MAC_SIZE = 32;

/** What says which media file an envelope opens. Sizes in bytes. */
export interface Described {
  /** DER. */
  readonly envelope: Uint8Array;
  readonly plaintextSize: number;
  readonly ciphertextSize: number;
  /** What else the envelope stands for, such as the recording's id: it opens only together with the same again. */
  readonly boundTo: readonly string[];
}

/**
 * HMAC-SHA-256 under a key derived from the session key, over each field after its length in 8 bytes, big-endian. So no
 * bit of envelope and sizes can change, nor the envelope be taken to another recording, and of two recipients neither
 * can have been given a session key that opens something else: docs/adr/0008-envelope-mac.md.
 */
export function envelopeMac(key: KeyObject, { envelope, boundTo, ...sizes }: Described): Buffer {
  const mac = createHmac('sha256', key);
  const fields = [envelope, uint64(sizes.plaintextSize), uint64(sizes.ciphertextSize), ...boundTo];
  for (const part of framed(fields)) mac.update(part);
  return mac.digest();
}

export function isEnvelopeMac(found: Uint8Array, key: KeyObject, described: Described): boolean {
  return found.length === ENVELOPE_MAC_SIZE && timingSafeEqual(found, envelopeMac(key, described));
}
