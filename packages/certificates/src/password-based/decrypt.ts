import { DerError, readOnly, TAG } from '../der.ts';
import type { Algorithm } from '../der-values.ts';
import { unsupported } from '../key-file-errors.ts';
import { type Cipher, DES, rc2, rc4Of, TRIPLE_DES, TWO_KEY_TRIPLE_DES } from './ciphers.ts';
import type { Password } from './password.ts';
import { pkcs5Version1, pkcs12Encryption } from './pbes1.ts';
import { pkcs5Version2 } from './pbes2.ts';
import type { Scheme } from './scheme.ts';
import type { Spend } from './work-limit.ts';

const PBES2 = '1.2.840.113549.1.5.13';
/** RFC 8018, A.3. Those with MD2 are the only ones left out. */
const PBES1: Readonly<Record<string, readonly ['md5' | 'sha1', Cipher]>> = {
  '1.2.840.113549.1.5.3': ['md5', DES],
  '1.2.840.113549.1.5.6': ['md5', rc2(8)],
  '1.2.840.113549.1.5.10': ['sha1', DES],
  '1.2.840.113549.1.5.11': ['sha1', rc2(8)],
};
/** RFC 7292, C. */
const PKCS12: Readonly<Record<string, Cipher>> = {
  '1.2.840.113549.1.12.1.1': rc4Of(16),
  '1.2.840.113549.1.12.1.2': rc4Of(5),
  '1.2.840.113549.1.12.1.3': TRIPLE_DES,
  '1.2.840.113549.1.12.1.4': TWO_KEY_TRIPLE_DES,
  '1.2.840.113549.1.12.1.5': rc2(16),
  '1.2.840.113549.1.12.1.6': rc2(5),
};

/** Throws DerError for malformed parameters, PRIVATE_KEY_INVALID for what is not supported. */
export function schemeOf({ oid, parameters }: Algorithm): Scheme {
  if (oid === PBES2) return pkcs5Version2(parameters);
  const version1 = PBES1[oid];
  if (version1 !== undefined) return pkcs5Version1(parameters, ...version1);
  const pkcs12 = PKCS12[oid];
  if (pkcs12 !== undefined) return pkcs12Encryption(parameters, pkcs12);
  throw unsupported('cipher', oid);
}

/**
 * The one SEQUENCE that was encrypted, as everything here is that comes out right; undefined when no form of the password
 * leads to one. The caller zeroes it. Throws PRIVATE_KEY_INVALID when it would be too much work.
 */
export async function decrypt(
  scheme: Scheme,
  ciphertext: Buffer,
  password: Password,
  spend: Spend,
): Promise<Buffer | undefined> {
  for (const form of scheme.forms(password)) {
    const { key, iv } = await scheme.derive(form, spend);
    const plaintext = scheme.cipher.decrypt(key, iv, ciphertext);
    key.fill(0);
    if (plaintext === undefined) continue;
    if (isSequence(plaintext)) return plaintext;
    plaintext.fill(0);
  }
  return undefined;
}

function isSequence(plaintext: Buffer): boolean {
  try {
    readOnly(plaintext, TAG.sequence);
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
