import { createHash } from 'node:crypto';
import { children, DerError, type Element, expectTag, TAG } from '../der.ts';
import { numberOf, octetsOf } from '../der-values.ts';
import type { Cipher } from './ciphers.ts';
import { derivePkcs12, FOR } from './pkcs12-kdf.ts';
import { rehash } from './rehash.ts';
import { type Scheme, takesNarrow, takesWide } from './scheme.ts';

/** PBES1 of PKCS#5 (RFC 8018, 6.1): half of a hash is the key, half the IV. Throws DerError. */
export function pkcs5Version1(
  parameters: Element | undefined,
  hashName: 'md5' | 'sha1',
  cipher: Cipher,
): Scheme {
  const { salt, iterations } = parametersOf(parameters);
  if (salt.length !== 8) throw new DerError('has a salt of another size than 8 bytes');
  return {
    cipher,
    forms: takesNarrow,
    async derive(form, spend) {
      spend(iterations);
      const first = createHash(hashName).update(form).update(salt).digest();
      const digest = await rehash(hashName, first, iterations - 1);
      return { key: digest.subarray(0, 8), iv: digest.subarray(8, 16) };
    },
  };
}

/** What PKCS#12 has of its own (RFC 7292, C). Throws DerError. */
export function pkcs12Encryption(parameters: Element | undefined, cipher: Cipher): Scheme {
  const about = { ...parametersOf(parameters), hash: 'sha1' };
  return {
    cipher,
    forms: takesWide,
    async derive(form, spend) {
      const key = await derivePkcs12(form, { ...about, purpose: FOR.key, size: cipher.keySize }, spend);
      const iv = await derivePkcs12(form, { ...about, purpose: FOR.iv, size: cipher.ivSize }, spend);
      return { key, iv };
    },
  };
}

/** Salt and number of rounds, which all of these have. */
function parametersOf(parameters: Element | undefined): {
  readonly salt: Buffer;
  readonly iterations: number;
} {
  const [salt, rounds] = children(expectTag(parameters, TAG.sequence), 2);
  const iterations = numberOf(rounds);
  if (iterations < 1) throw new DerError('derives its key in no rounds');
  return { salt: octetsOf(salt), iterations };
}
