import { createCipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { SuiteName } from './suites/suite.ts';

/** Bytes of ciphertext under one tag; only the last segment may be shorter. */
export const SEGMENT_SIZE = 262144;
export const TAG_SIZE = 16;
/** The ciphertext before a segment that its tag covers too: in CBC it decides the segment's first 16 bytes. */
export const CONTEXT_SIZE = 16;

export const segmentCount = (ciphertextSize: number): number => Math.ceil(ciphertextSize / SEGMENT_SIZE);

/**
 * The key of a media file's tags (HKDF, RFC 5869). The IV goes in as salt because the envelope leaves it malleable.
 * A KeyObject, because one made for every segment from a Buffer takes a sixth of the time of encrypting it.
 */
export function deriveTagKey(dek: Buffer, iv: Buffer, suite: SuiteName): KeyObject {
  const key = new Uint8Array(hkdfSync('sha256', dek, iv, `sealtrack/v1 segment tags ${suite}`, 32));
  try {
    return createSecretKey(key);
  } finally {
    key.fill(0);
  }
}

/**
 * AES-256-GMAC of `context` and the segment, given in one or more parts. The nonce is the segment's index and
 * whether it is the last, as in STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): so a segment moved, left out
 * or cut off at the end is an error.
 */
export function segmentTag(
  key: KeyObject,
  index: number,
  isLast: boolean,
  context: Uint8Array,
  ...segment: readonly Uint8Array[]
): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  const mac = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_SIZE });
  mac.setAAD(context);
  for (const part of segment) mac.setAAD(part);
  mac.final();
  return mac.getAuthTag();
}
