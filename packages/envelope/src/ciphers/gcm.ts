import { type CipherGCMTypes, createCipheriv, createDecipheriv } from 'node:crypto';
import type { ContentCipher, ContentCipherName } from '../content-ciphers.ts';
import { SEGMENT_SIZE } from '../segment-tags.ts';

const BLOCK_SIZE = 16;
export const GCM_NONCE_SIZE = 12;
export const GCM_MAC_SIZE = 16;
const authTagLength = GCM_MAC_SIZE;

/** AES-GCM in CMS (RFC 5084), with a nonce of 12 bytes and a whole MAC. */
export function gcm(name: ContentCipherName, oid: string, keySize: 16 | 24 | 32): ContentCipher {
  const algorithm = `aes-${keySize * 8}-gcm` as CipherGCMTypes;
  return {
    name,
    oid,
    keySize,
    ivSize: GCM_NONCE_SIZE,
    blockSize: 1,
    isAuthenticated: true,
    // 2^39 − 256 bits (NIST SP 800-38D, 5.2.1.1).
    maxPlaintextSize: 2 ** 36 - 32,
    ciphertextSize: (plaintextSize) => plaintextSize,
    createEncryptor(key, nonce) {
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength });
      return {
        update: (plaintext) => cipher.update(plaintext),
        final: () => cipher.final(),
        mac: () => cipher.getAuthTag(),
      };
    },
    // GCM encrypts in counter mode, and block n of the media has counter n + 2 (NIST SP 800-38D, 7.1). Its tag was
    // verified, so the MAC over the whole of the media is not waited for.
    decryptSegment(key, nonce, { index, ciphertext }) {
      const counter = Buffer.alloc(BLOCK_SIZE);
      counter.set(nonce);
      counter.writeUInt32BE(2 + index * (SEGMENT_SIZE / BLOCK_SIZE), GCM_NONCE_SIZE);
      return createDecipheriv(`aes-${keySize * 8}-ctr`, key, counter).update(ciphertext);
    },
    createCheck(key, { iv, mac, authAttributes }) {
      const decipher = createDecipheriv(algorithm, key, iv, { authTagLength });
      if (authAttributes !== undefined) decipher.setAAD(authAttributes);
      let size = 0;
      return {
        update(ciphertext) {
          size += ciphertext.length;
          decipher.update(ciphertext).fill(0);
        },
        final() {
          decipher.setAuthTag(mac ?? Buffer.alloc(0));
          decipher.final();
          return size;
        },
      };
    },
  };
}
