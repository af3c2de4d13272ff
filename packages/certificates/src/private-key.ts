import {
  constants,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateInfo, StrengthOptions } from './certificate.ts';
import { keyInvalid } from './key-file-errors.ts';
import { keyTypeName } from './key-type.ts';
import { MAX_RSA_BITS, MIN_OLD_RSA_BITS, MIN_RSA_BITS } from './rsa-size.ts';

/**
 * Proves with one encryption and decryption that the private key opens what is encrypted to the certificate.
 * Comparing the public halves would not do: those in a key file can be right and the private part wrong.
 * Throws PRIVATE_KEY_MISMATCH.
 */
export function checkKeyMatches(certificate: CertificateInfo, privateKey: KeyObject): void {
  if (opens(certificate.publicKey, privateKey)) return;
  throw new AppError('PRIVATE_KEY_MISMATCH', 'The private key does not belong to the certificate', {
    fix: 'Give the private key that the certificate was requested with.',
    details: { certificateId: certificate.certificateId },
  });
}

/** An RSA key of a size that is taken, whose private part is that of its public one. Throws PRIVATE_KEY_INVALID. */
export function checkPrivateKey(key: KeyObject, { allowWeak = false }: StrengthOptions = {}): KeyObject {
  if (key.asymmetricKeyType !== 'rsa')
    throw keyInvalid(
      `The file holds ${keyTypeName(key)}, and recordings need RSA`,
      'Give the RSA private key of a certificate that recordings are encrypted to.',
    );
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < (allowWeak ? MIN_OLD_RSA_BITS : MIN_RSA_BITS) || bits > MAX_RSA_BITS)
    throw keyInvalid(`The RSA private key has ${bits} bits`);
  if (!opens(createPublicKey(key), key))
    throw keyInvalid('The private key is damaged: it does not open what is encrypted to it');
  return key;
}

function opens(publicKey: KeyObject, privateKey: KeyObject): boolean {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const challenge = randomBytes(32);
  try {
    const encrypted = publicEncrypt({ key: publicKey, padding, oaepHash: 'sha256' }, challenge);
    const answer = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha256' }, encrypted);
    return answer.length === challenge.length && timingSafeEqual(answer, challenge);
  } catch {
    return false;
  }
}
