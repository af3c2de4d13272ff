import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { ContentCipherName } from './content-ciphers.ts';

/**
 * A media file's session key and what is derived from it. KeyObjects, because no log prints them, and because Node takes
 * 20 µs to make a key of a Buffer, which would be a quarter of decrypting a segment.
 */
export interface MediaKeys {
  /** The session key itself. */
  readonly contentKey: KeyObject;
  /** Of the segment tags: segment-tags.ts. */
  readonly tagKey: KeyObject;
  /** Of the envelope's MAC: envelope-mac.ts. */
  readonly macKey: KeyObject;
}

const KEY_SIZE = 32;

/**
 * HKDF-SHA-256 (RFC 5869). The IV goes in as salt because the envelope leaves it malleable, and behind it the tags' own
 * salt where there is one: sealed-media.ts. The caller zeroes `dek`.
 */
export function deriveMediaKeys(
  dek: Uint8Array,
  iv: Uint8Array,
  cipher: ContentCipherName,
  tagSalt: Uint8Array = Buffer.alloc(0),
): MediaKeys {
  const contentKey = createSecretKey(dek);
  const salt = Buffer.concat([iv, tagSalt]);
  const keys = new Uint8Array(hkdfSync('sha256', contentKey, salt, `sealtrack/v1 ${cipher}`, 2 * KEY_SIZE));
  try {
    return {
      contentKey,
      tagKey: createSecretKey(keys.subarray(0, KEY_SIZE)),
      macKey: createSecretKey(keys.subarray(KEY_SIZE)),
    };
  } finally {
    keys.fill(0);
  }
}
