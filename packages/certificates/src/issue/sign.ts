import { type KeyObject, sign } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { bitString, nothing, oid, sequence } from '../der.ts';

/** sha1 only for those who cannot read anything newer. */
export type Digest = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

const RSA: Readonly<Record<Digest, string>> = {
  sha1: '1.2.840.113549.1.1.5',
  sha224: '1.2.840.113549.1.1.14',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
const ECDSA: Readonly<Record<Digest, string>> = {
  sha1: '1.2.840.10045.4.1',
  sha224: '1.2.840.10045.4.3.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};

/** The AlgorithmIdentifier of a signature (RFC 3279, 2.2; RFC 4055; RFC 5758). Throws INVALID_ARGUMENT for other keys. */
export function signatureAlgorithm(key: KeyObject, digest: Digest): Buffer {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return sequence(oid(RSA[digest]), nothing());
    case 'ec':
      return sequence(oid(ECDSA[digest]));
    default:
      throw new AppError('INVALID_ARGUMENT', `A key of type ${key.asymmetricKeyType} signs nothing here`, {
        fix: 'Give an RSA key, or one of an elliptic curve.',
      });
  }
}

/** A body with its signature: a certificate, a CRL or a request. */
export const signed = (body: Buffer, key: KeyObject, digest: Digest): Buffer =>
  sequence(body, signatureAlgorithm(key, digest), bitString(sign(digest, body, key)));
