import {
  constants,
  createPrivateKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateInfo } from './certificate.ts';
import { pemLabels } from './pem.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './rsa-size.ts';

const MAX_SIZE = 64 * 1024;
const FORM = 'Give one RSA private key of 2048 to 8192 bits as PEM (PKCS#8 or PKCS#1), plain or encrypted.';

/**
 * An RSA private key from PEM: PKCS#8 or PKCS#1, plain or encrypted. An empty password is none. The caller zeroes
 * `pem` and `password`. Throws PRIVATE_KEY_INVALID, PRIVATE_KEY_PASSWORD_MISSING, PRIVATE_KEY_PASSWORD_WRONG.
 */
export function parsePrivateKey(pem: Uint8Array, password?: Uint8Array): KeyObject {
  const file = Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
  if (file.length > MAX_SIZE) throw invalid('The private key is larger than 64 KiB');
  const keys = pemLabels(file).filter((label) => label.endsWith('PRIVATE KEY'));
  if (keys.length !== 1) throw invalid(`The file holds ${keys.length} private keys in PEM`);
  return rsaOnly(isEncrypted(file, keys) ? decrypted(file, password) : plain(file));
}

/**
 * Proves with one encryption and decryption that the private key opens what is encrypted to the certificate.
 * Comparing the public halves would not do: those in a key file can be right and the private part wrong.
 * Throws PRIVATE_KEY_MISMATCH.
 */
export function checkKeyMatches(certificate: CertificateInfo, privateKey: KeyObject): void {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const challenge = randomBytes(32);
  const encrypted = publicEncrypt({ key: certificate.publicKey, padding, oaepHash: 'sha256' }, challenge);
  try {
    const answer = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha256' }, encrypted);
    if (answer.length === challenge.length && timingSafeEqual(answer, challenge)) return;
    throw mismatch(certificate);
  } catch (cause) {
    throw mismatch(certificate, cause);
  }
}

/** PKCS#8 says it in the label, the traditional form in a header (RFC 1421, 4.6.1.1). */
const isEncrypted = (file: Buffer, labels: readonly string[]): boolean =>
  labels.includes('ENCRYPTED PRIVATE KEY') || file.includes('Proc-Type: 4,ENCRYPTED');

function plain(file: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: file, format: 'pem' });
  } catch (cause) {
    throw invalid('The private key cannot be read', cause);
  }
}

function decrypted(file: Buffer, password: Uint8Array | undefined): KeyObject {
  if (password === undefined || password.length === 0) {
    throw new AppError('PRIVATE_KEY_PASSWORD_MISSING', 'The private key is encrypted with a password', {
      fix: 'Give the password of the private key file along with it.',
    });
  }
  const passphrase = Buffer.from(password.buffer, password.byteOffset, password.byteLength);
  try {
    return createPrivateKey({ key: file, format: 'pem', passphrase });
  } catch (cause) {
    // Single DES, RC2 and RC4: OpenSSL 3 no longer has them.
    if ((cause as { code?: unknown }).code === 'ERR_OSSL_EVP_UNSUPPORTED') {
      throw new AppError('PRIVATE_KEY_INVALID', 'The private key is encrypted with an obsolete cipher', {
        fix: 'Encrypt it anew: openssl pkey -provider legacy -provider default -in OLD.pem -aes256 -out NEW.pem',
        cause,
      });
    }
    // A wrong password mostly fails the padding; now and then that comes out right and the result is no key.
    throw new AppError('PRIVATE_KEY_PASSWORD_WRONG', 'The private key does not open with this password', {
      fix: 'Check the password: openssl pkey -in KEY.pem -noout asks for it. If that fails too, the file is damaged.',
      cause,
    });
  }
}

function rsaOnly(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'rsa') throw invalid(`The private key is of type ${key.asymmetricKeyType}`);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) throw invalid(`The RSA private key has ${bits} bits`);
  return key;
}

const invalid = (message: string, cause?: unknown): AppError =>
  new AppError('PRIVATE_KEY_INVALID', message, { fix: FORM, cause });

const mismatch = (certificate: CertificateInfo, cause?: unknown): AppError =>
  new AppError('PRIVATE_KEY_MISMATCH', 'The private key does not belong to the certificate', {
    fix: 'Give the private key that the certificate was requested with.',
    details: { certificateId: certificate.certificateId },
    cause,
  });
