import { children, DerError, type Element, expectTag, TAG } from '../der.ts';
import { type Algorithm, algorithmOf, numberOf, octetsOf } from '../der-values.ts';
import { unsupported } from '../key-file-errors.ts';
import * as ciphers from './ciphers.ts';
import { pbkdfOf } from './pbkdf.ts';
import { type Scheme, takesNarrow } from './scheme.ts';

const CIPHERS: Readonly<Record<string, ciphers.Cipher>> = {
  '2.16.840.1.101.3.4.1.2': ciphers.AES_128,
  '2.16.840.1.101.3.4.1.22': ciphers.AES_192,
  '2.16.840.1.101.3.4.1.42': ciphers.AES_256,
  '1.2.840.113549.3.7': ciphers.TRIPLE_DES,
  '1.3.14.3.2.7': ciphers.DES,
  '1.2.392.200011.61.1.1.1.2': ciphers.CAMELLIA_128,
  '1.2.392.200011.61.1.1.1.3': ciphers.CAMELLIA_192,
  '1.2.392.200011.61.1.1.1.4': ciphers.CAMELLIA_256,
};
const RC2 = '1.2.840.113549.3.2';

/** PBES2 of PKCS#5 (RFC 8018, 6.2). Throws DerError, PRIVATE_KEY_INVALID. */
export function pkcs5Version2(parameters: Element | undefined): Scheme {
  const [derivation, encryption] = children(expectTag(parameters, TAG.sequence), 2);
  const pbkdf = pbkdfOf(algorithmOf(derivation));
  const { cipher, iv } = cipherOf(algorithmOf(encryption), pbkdf.keySize);
  if (iv.length !== cipher.ivSize) throw new DerError('has an IV of the wrong size');
  if (pbkdf.keySize !== undefined && pbkdf.keySize !== cipher.keySize)
    throw new DerError('has a key of the wrong size');
  return {
    cipher,
    forms: takesNarrow,
    derive: async (form, spend) => ({ key: await pbkdf.derive(form, cipher.keySize, spend), iv }),
  };
}

function cipherOf({ oid, parameters }: Algorithm, keySize: number | undefined) {
  if (oid === RC2) return rc2Of(parameters, keySize);
  const cipher = CIPHERS[oid];
  if (cipher === undefined) throw unsupported('cipher', oid);
  return { cipher, iv: octetsOf(parameters) };
}

/** How strong the key is meant to be, by numbers that say it in no other way (RFC 8018, B.2.3). */
const RC2_VERSIONS: Readonly<Record<number, number>> = { 160: 40, 120: 64, 58: 128 };

function rc2Of(parameters: Element | undefined, keySize: number | undefined) {
  const [version, iv] = children(expectTag(parameters, TAG.sequence), 2);
  const number = numberOf(version);
  const bits = RC2_VERSIONS[number] ?? number;
  if (bits < 40 || bits > 1024) throw new DerError('has an impossible version of RC2');
  const size = keySize ?? Math.ceil(bits / 8);
  if (size < 1 || size > 128) throw new DerError('has an impossible key of RC2');
  return { cipher: ciphers.rc2(size, bits), iv: octetsOf(iv) };
}
