import { createHash } from 'node:crypto';
import { keyInvalid, unsupported } from '../key-file-errors.ts';
import type { PemBlock } from '../pem.ts';
import * as ciphers from './ciphers.ts';
import { type Scheme, takesNarrow } from './scheme.ts';

/** By their names in OpenSSL. */
const CIPHERS: Readonly<Record<string, ciphers.Cipher>> = {
  'DES-CBC': ciphers.DES,
  'DES-EDE-CBC': ciphers.TWO_KEY_TRIPLE_DES,
  'DES-EDE3-CBC': ciphers.TRIPLE_DES,
  'AES-128-CBC': ciphers.AES_128,
  'AES-192-CBC': ciphers.AES_192,
  'AES-256-CBC': ciphers.AES_256,
  'CAMELLIA-128-CBC': ciphers.CAMELLIA_128,
  'CAMELLIA-192-CBC': ciphers.CAMELLIA_192,
  'CAMELLIA-256-CBC': ciphers.CAMELLIA_256,
  'RC2-CBC': ciphers.rc2(16),
  'RC2-64-CBC': ciphers.rc2(8),
  'RC2-40-CBC': ciphers.rc2(5),
};

/** `Proc-Type: 4,ENCRYPTED` (RFC 1421, 4.6.1.1). */
export const isEncryptedPem = ({ headers }: Pick<PemBlock, 'headers'>): boolean =>
  headers.get('proc-type')?.endsWith('ENCRYPTED') === true;

/** What OpenSSL does with `DEK-Info: AES-128-CBC,<IV in hex>` and a password. Throws PRIVATE_KEY_INVALID. */
export function pemEncryption({ headers }: Pick<PemBlock, 'headers'>): Scheme {
  const [name = '', ivInHex = ''] = (headers.get('dek-info') ?? '').split(',').map((part) => part.trim());
  const cipher = CIPHERS[name.toUpperCase()];
  if (cipher === undefined) throw unsupported('cipher', name);
  const iv = Buffer.from(ivInHex, 'hex');
  if (iv.length !== cipher.ivSize || ivInHex.length !== 2 * iv.length)
    throw keyInvalid('The private key is damaged: the IV in its DEK-Info header has the wrong size');
  return {
    cipher,
    forms: takesNarrow,
    derive: async (form) => ({ key: bytesToKey(form, iv.subarray(0, 8), cipher.keySize), iv }),
  };
}

/** EVP_BytesToKey with MD5 and one round: all that this form has ever had. */
function bytesToKey(password: Buffer, salt: Buffer, size: number): Buffer {
  const key = Buffer.alloc(size);
  let digest = Buffer.alloc(0);
  for (let at = 0; at < size; at += 16) {
    const next = createHash('md5').update(digest).update(password).update(salt).digest();
    digest.fill(0);
    digest = next;
    digest.copy(key, at);
  }
  digest.fill(0);
  return key;
}
