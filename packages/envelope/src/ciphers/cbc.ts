import { type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';
import type { CipherCheck, ContentCipher, ContentCipherName } from '../content-ciphers.ts';

/** CBC with PKCS#7 padding (RFC 5652, 6.3). */
export function cbc(name: ContentCipherName, oid: string, keySize: number, blockSize: 8 | 16): ContentCipher {
  const algorithm = name.toLowerCase();
  return {
    name,
    oid,
    keySize,
    ivSize: blockSize,
    blockSize,
    isAuthenticated: false,
    maxPlaintextSize: Number.MAX_SAFE_INTEGER - blockSize,
    ciphertextSize: (plaintextSize) => plaintextSize - (plaintextSize % blockSize) + blockSize,
    createEncryptor(key, iv) {
      const cipher = createCipheriv(algorithm, key, iv);
      return {
        update: (plaintext) => cipher.update(plaintext),
        final: () => cipher.final(),
        mac: () => undefined,
      };
    },
    decryptSegment(key, _iv, { previous, ciphertext, isLast }) {
      const before = previous.subarray(-blockSize);
      const decipher = createDecipheriv(algorithm, key, before).setAutoPadding(isLast);
      const body = decipher.update(ciphertext);
      const end = decipher.final();
      if (end.length === 0) return body;
      const plaintext = Buffer.concat([body, end]);
      for (const part of [body, end]) part.fill(0);
      return plaintext;
    },
    createCheck: (key, { iv }) => createPaddingCheck(algorithm, key, iv, blockSize),
  };
}

/** Only the last block says anything, so it is the only one that is decrypted. */
function createPaddingCheck(algorithm: string, key: CipherKey, iv: Buffer, blockSize: number): CipherCheck {
  // The last block and the one before it.
  let tail: Buffer = Buffer.from(iv);
  let size = 0;
  return {
    update(ciphertext) {
      size += ciphertext.length;
      const end = ciphertext.subarray(-2 * blockSize);
      tail = Buffer.concat([tail, end]).subarray(-2 * blockSize);
    },
    final() {
      if (size === 0 || size % blockSize !== 0) throw new Error('The ciphertext is not whole blocks');
      const decipher = createDecipheriv(algorithm, key, tail.subarray(0, blockSize));
      const last = Buffer.concat([decipher.update(tail.subarray(blockSize)), decipher.final()]);
      const plaintextSize = size - blockSize + last.length;
      last.fill(0);
      return plaintextSize;
    },
  };
}
