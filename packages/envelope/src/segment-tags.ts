import { createCipheriv, type KeyObject } from 'node:crypto';

/** Bytes of ciphertext under one tag; only the last segment may be shorter. */
export const SEGMENT_SIZE = 262144;
export const TAG_SIZE = 16;
/** The ciphertext before a segment that its tag covers too: in CBC it decides the segment's first bytes. */
export const CONTEXT_SIZE = 16;

/** There is always one, if only to say that the media is empty. */
export const segmentCount = (ciphertextSize: number): number =>
  Math.max(1, Math.ceil(ciphertextSize / SEGMENT_SIZE));

/** The context of the first segment: the IV, after zeros where it is shorter. */
export function firstContext(iv: Uint8Array): Buffer {
  const context = Buffer.alloc(CONTEXT_SIZE);
  context.set(iv, CONTEXT_SIZE - iv.length);
  return context;
}

/**
 * AES-256-GMAC of `context` and the segment. The nonce is the segment's index and
 * whether it is the last, as in STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): so a segment moved, left out
 * or cut off at the end is an error.
 */
export function segmentTag(
  key: KeyObject,
  index: number,
  isLast: boolean,
  context: Uint8Array,
  segment: Uint8Array,
): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  const mac = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_SIZE });
  mac.setAAD(context);
  mac.setAAD(segment);
  mac.final();
  return mac.getAuthTag();
}
