import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { ContentCipherName } from './content-ciphers.ts';

/** What is derived from a media file's session key. KeyObjects, which no log prints and which are fast to use. */
export interface MediaKeys {
  /** Of the segment tags: segment-tags.ts. */
  readonly tagKey: KeyObject;
  /** Of the envelope's MAC: envelope-mac.ts. */
  readonly macKey: KeyObject;
}

const KEY_SIZE = 32;

/** HKDF-SHA-256 (RFC 5869). The IV goes in as salt because the envelope leaves it malleable. */
export function deriveMediaKeys(dek: Uint8Array, iv: Uint8Array, cipher: ContentCipherName): MediaKeys {
  const keys = new Uint8Array(hkdfSync('sha256', dek, iv, `sealtrack/v1 ${cipher}`, 2 * KEY_SIZE));
  try {
    return {
      tagKey: createSecretKey(keys.subarray(0, KEY_SIZE)),
      macKey: createSecretKey(keys.subarray(KEY_SIZE)),
    };
  } finally {
    keys.fill(0);
  }
}
