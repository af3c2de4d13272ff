import type { KeyObject } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { keyTypeName } from '../key-type.ts';
import { aes256, encryptPrivateKeyInfo } from '../password-based/encrypt.ts';
import { passwordOf } from '../password-based/password.ts';
import { encodePem } from '../pem.ts';

/** Of PBKDF2: a quarter of a second, for whoever guesses passwords too. */
const ROUNDS = 600_000;

/**
 * A private key as PKCS#8 in PEM (RFC 5958): with a password encrypted by it (PBES2, AES-256-CBC), without one, or with an
 * empty one, in the clear. The caller zeroes the result.
 */
export async function writePkcs8(privateKey: KeyObject, password?: Uint8Array): Promise<Buffer> {
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  if (password === undefined || password.length === 0) return encoded('PRIVATE KEY', pkcs8);
  const forms = passwordOf(password);
  try {
    return encodePem('ENCRYPTED PRIVATE KEY', await encryptPrivateKeyInfo(aes256(ROUNDS), pkcs8, forms));
  } finally {
    forms.wipe();
    pkcs8.fill(0);
  }
}

/**
 * An RSA private key as OpenSSL used to write it (PKCS#1, RFC 8017, A.1.2), in PEM and in the clear: encrypted, it would be
 * by one round of MD5. The caller zeroes the result. Throws PRIVATE_KEY_INVALID for other keys.
 */
export function writePkcs1(privateKey: KeyObject): Buffer {
  if (privateKey.asymmetricKeyType !== 'rsa')
    throw new AppError(
      'PRIVATE_KEY_INVALID',
      `The file holds ${keyTypeName(privateKey)}, and the format rsa is for RSA keys`,
      { fix: 'Take the format pkcs8, which is for keys of every kind.' },
    );
  return encoded('RSA PRIVATE KEY', privateKey.export({ type: 'pkcs1', format: 'der' }));
}

/** Zeroes the DER. */
function encoded(label: string, der: Buffer): Buffer {
  try {
    return encodePem(label, der);
  } finally {
    der.fill(0);
  }
}
