import { createDecipheriv } from 'node:crypto';
import { rc2CbcDecrypt } from './rc2.ts';
import { rc4 } from './rc4.ts';

/** A cipher that key files are encrypted with. Sizes in bytes. */
export interface Cipher {
  readonly keySize: number;
  readonly ivSize: number;
  /** Undefined when the padding is wrong, as it mostly is under a wrong key. The caller zeroes the result. */
  readonly decrypt: (key: Buffer, iv: Buffer, ciphertext: Buffer) => Buffer | undefined;
}

const cbc = (
  name: string,
  keySize: number,
  ivSize: number,
  widen = (key: Buffer): Buffer => key,
): Cipher => ({
  keySize,
  ivSize,
  decrypt(key, iv, ciphertext) {
    const wide = widen(key);
    const decipher = createDecipheriv(name, wide, iv);
    const start = decipher.update(ciphertext);
    try {
      const end = decipher.final();
      const plaintext = Buffer.alloc(start.length + end.length);
      start.copy(plaintext);
      end.copy(plaintext, start.length);
      end.fill(0);
      return plaintext;
    } catch {
      return undefined;
    } finally {
      start.fill(0);
      if (wide !== key) wide.fill(0);
    }
  },
});

/** OpenSSL 3 has no single DES outside its legacy provider: three times the same key is the same cipher. */
const thrice = (key: Buffer): Buffer => Buffer.concat([key, key, key]);

export const DES = cbc('des-ede3-cbc', 8, 8, thrice);
export const TWO_KEY_TRIPLE_DES = cbc('des-ede-cbc', 16, 8);
export const TRIPLE_DES = cbc('des-ede3-cbc', 24, 8);
export const AES_128 = cbc('aes-128-cbc', 16, 16);
export const AES_192 = cbc('aes-192-cbc', 24, 16);
export const AES_256 = cbc('aes-256-cbc', 32, 16);
export const CAMELLIA_128 = cbc('camellia-128-cbc', 16, 16);
export const CAMELLIA_192 = cbc('camellia-192-cbc', 24, 16);
export const CAMELLIA_256 = cbc('camellia-256-cbc', 32, 16);

export const rc2 = (keySize: number, effectiveBits = 8 * keySize): Cipher => ({
  keySize,
  ivSize: 8,
  decrypt(key, iv, ciphertext) {
    if (ciphertext.length === 0 || ciphertext.length % 8 !== 0) return undefined;
    const padded = rc2CbcDecrypt(key, effectiveBits, iv, ciphertext);
    const padding = padded.at(-1) ?? 0;
    const size = padded.length - padding;
    if (padding >= 1 && padding <= 8 && padded.subarray(size).every((byte) => byte === padding))
      return padded.subarray(0, size);
    padded.fill(0);
    return undefined;
  },
});

export const rc4Of = (keySize: number): Cipher => ({
  keySize,
  ivSize: 0,
  decrypt: (key, _iv, ciphertext) => rc4(key, ciphertext),
});
