import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, KeyId } from '@sealtrack/ids/ids';
import { pemLabels } from './pem.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './rsa-size.ts';

/** A certificate that recordings can be encrypted to. Says nothing about its chain, its dates or revocation. */
export interface CertificateInfo {
  readonly der: Buffer;
  readonly certificateId: CertificateId;
  readonly keyId: KeyId;
  /** RFC 4514 strings, such as `CN=Recording,O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly keyBits: number;
  readonly publicKey: KeyObject;
}

/** Far over any real certificate; a chain or a key store given by mistake is named as such. */
const MAX_SIZE = 64 * 1024;

/**
 * One certificate, in PEM or DER. Throws CERTIFICATE_INVALID (not one X.509 certificate on an RSA key of at most
 * 8192 bits) or CERTIFICATE_WEAK (an RSA key under 2048 bits).
 */
export function parseCertificate(pemOrDer: string | Uint8Array): CertificateInfo {
  const bytes = typeof pemOrDer === 'string' ? Buffer.from(pemOrDer, 'latin1') : Buffer.from(pemOrDer);
  const certificate = decode(bytes);
  const publicKey = rsaKeyOf(certificate);
  return {
    der: certificate.raw,
    certificateId: sha256Hex(certificate.raw) as CertificateId,
    keyId: keyIdOf(publicKey),
    subject: rfc4514(certificate.subject),
    issuer: rfc4514(certificate.issuer),
    serialNumber: certificate.serialNumber.toLowerCase(),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
    keyBits: publicKey.asymmetricKeyDetails?.modulusLength ?? 0,
    publicKey,
  };
}

/** SHA-256 of the SubjectPublicKeyInfo, which a key pair has even before it has a certificate. */
export function keyIdOf(publicKey: KeyObject): KeyId {
  return sha256Hex(publicKey.export({ type: 'spki', format: 'der' })) as KeyId;
}

function decode(bytes: Buffer): X509Certificate {
  if (bytes.length > MAX_SIZE) throw invalid('The certificate is larger than 64 KiB');
  const labels = pemLabels(bytes);
  const certificates = labels.filter((label) => label === 'CERTIFICATE').length;
  if (certificates > 1) throw invalid(`The file holds ${certificates} certificates`);
  if (labels.some((label) => label.endsWith('PRIVATE KEY')) && certificates === 0) {
    throw invalid('The file holds a private key and no certificate');
  }
  try {
    return new X509Certificate(bytes);
  } catch (cause) {
    throw invalid('This is not an X.509 certificate in PEM or DER', cause);
  }
}

function rsaKeyOf(certificate: X509Certificate): KeyObject {
  const key = publicKeyOf(certificate);
  if (key.asymmetricKeyType !== 'rsa') {
    throw new AppError('CERTIFICATE_INVALID', `The certificate has a key of type ${key.asymmetricKeyType}`, {
      fix: 'Give a certificate with an RSA key of 2048 to 8192 bits.',
    });
  }
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (bits < MIN_RSA_BITS || exponent < 3n) {
    throw new AppError('CERTIFICATE_WEAK', `The certificate's RSA key (${bits} bits) is too weak`, {
      fix: `Give a certificate with an RSA key of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits; 3072 is a good choice.`,
      details: { bits: String(bits) },
    });
  }
  if (bits > MAX_RSA_BITS) throw invalid(`The certificate's RSA key has ${bits} bits`);
  return key;
}

function publicKeyOf(certificate: X509Certificate): KeyObject {
  try {
    return certificate.publicKey;
  } catch (cause) {
    throw invalid("The certificate's public key cannot be read", cause);
  }
}

/** Node prints a name with one attribute a line, escaped as RFC 4514 wants, in the order of the encoding. */
const rfc4514 = (name: string | undefined): string => (name ?? '').split('\n').reverse().join(',');

const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const invalid = (message: string, cause?: unknown): AppError =>
  new AppError('CERTIFICATE_INVALID', message, {
    fix: 'Give exactly one X.509 certificate, in PEM or DER, with an RSA key of 2048 to 8192 bits.',
    cause,
  });
