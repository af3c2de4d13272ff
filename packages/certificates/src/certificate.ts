import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, KeyId } from '@sealtrack/ids/ids';
import { type CertificateFields, certificateFields } from './certificate-fields.ts';
import { DerError } from './der.ts';
import { subjectNameOf } from './distinguished-name.ts';
import { contentsOf } from './file-contents.ts';
import { keyTypeName } from './key-type.ts';
import { MAX_RSA_BITS, MIN_OLD_RSA_BITS, MIN_RSA_BITS } from './rsa-size.ts';
import { noCertificate } from './wrong-file.ts';
import type { KeyUsage } from './x509/extensions.ts';

/** A certificate that recordings can be encrypted to. Says nothing about its chain, its dates or revocation. */
export interface CertificateInfo {
  readonly der: Buffer;
  readonly certificateId: CertificateId;
  readonly keyId: KeyId;
  /** RFC 4514 strings, such as `CN=Recording,O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** Whose it is in a word: the common name, or what there is instead. For people to read. */
  readonly subjectName: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly keyBits: number;
  readonly publicExponent: bigint;
  readonly publicKey: KeyObject;
  /** Such as `sha256WithRSAEncryption`. */
  readonly signatureAlgorithm: string;
  readonly isCa: boolean;
  /** Undefined when the certificate does not say: any use, then. */
  readonly keyUsage: readonly KeyUsage[] | undefined;
  /** Why it may decrypt old recordings and not encrypt new ones. */
  readonly weaknesses: readonly Weakness[];
}

/** An RSA key of 1024 to 2047 bits, or a signature over a SHA-1 hash. */
export type Weakness = 'short-rsa-key' | 'sha1-signature';

export interface StrengthOptions {
  /** Takes what is too weak to encrypt to, and still decrypts what was recorded long ago. */
  readonly allowWeak?: boolean;
}

/** Far over any real certificate; a chain or a key store given by mistake is named as such. */
const MAX_SIZE = 64 * 1024;

/**
 * One certificate, in PEM or DER. Throws CERTIFICATE_INVALID (not one X.509 certificate on an RSA key of at most
 * 8192 bits) or CERTIFICATE_WEAK (an RSA key under 2048 bits, or a signature with SHA-1; under 1024 bits or with MD5
 * even when weak ones are allowed).
 */
export function parseCertificate(
  pemOrDer: string | Uint8Array,
  options: StrengthOptions = {},
): CertificateInfo {
  const bytes = typeof pemOrDer === 'string' ? Buffer.from(pemOrDer, 'latin1') : Buffer.from(pemOrDer);
  const certificate = decode(bytes);
  const publicKey = rsaKeyOf(certificate);
  const fields = fieldsOf(certificate);
  const { modulusLength: keyBits = 0, publicExponent = 0n } = publicKey.asymmetricKeyDetails ?? {};
  const info: CertificateInfo = {
    der: certificate.raw,
    certificateId: sha256Hex(certificate.raw) as CertificateId,
    keyId: keyIdOf(publicKey),
    subject: rfc4514(certificate.subject),
    issuer: rfc4514(certificate.issuer),
    subjectName: subjectNameOf(fields.subject),
    serialNumber: certificate.serialNumber.toLowerCase(),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
    keyBits,
    publicExponent,
    publicKey,
    signatureAlgorithm: fields.signatureAlgorithm.name,
    isCa: certificate.ca,
    keyUsage: fields.keyUsage,
    weaknesses: weaknessesOf(keyBits, fields),
  };
  checkStrength(info, fields, options);
  return info;
}

/** SHA-256 of the SubjectPublicKeyInfo, which a key pair has even before it has a certificate. */
export function keyIdOf(publicKey: KeyObject): KeyId {
  return sha256Hex(publicKey.export({ type: 'spki', format: 'der' })) as KeyId;
}

function decode(bytes: Buffer): X509Certificate {
  if (bytes.length > MAX_SIZE) throw invalid('The certificate is larger than 64 KiB');
  const contents = contentsOf(bytes);
  try {
    const [certificate, ...others] = contents.filter(({ kind }) => kind === 'certificate');
    if (certificate === undefined) throw noCertificate(contents[0]?.kind ?? 'unknown');
    if (others.length > 0) throw invalid(`The file holds ${others.length + 1} certificates`);
    return toX509(certificate.content);
  } finally {
    // There may be a private key beside it.
    for (const { content } of contents) content.fill(0);
  }
}

/** Throws CERTIFICATE_INVALID. */
export function toX509(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw invalid('This is not an X.509 certificate in PEM or DER', cause);
  }
}

function rsaKeyOf(certificate: X509Certificate): KeyObject {
  const key = publicKeyOf(certificate);
  if (key.asymmetricKeyType === 'rsa') return key;
  throw new AppError(
    'CERTIFICATE_INVALID',
    `The certificate has ${keyTypeName(key)}, and recordings need RSA`,
    {
      fix: 'Give a certificate with an RSA key of 2048 to 8192 bits.',
      details: { keyType: key.asymmetricKeyType ?? '' },
    },
  );
}

function publicKeyOf(certificate: X509Certificate): KeyObject {
  try {
    return certificate.publicKey;
  } catch (cause) {
    throw invalid("The certificate's public key cannot be read", cause);
  }
}

function fieldsOf(certificate: X509Certificate): CertificateFields {
  try {
    return certificateFields(certificate.raw);
  } catch (cause) {
    if (cause instanceof DerError) throw invalid('The certificate is damaged', cause);
    throw cause;
  }
}

const weaknessesOf = (keyBits: number, { signatureAlgorithm }: CertificateFields): Weakness[] => [
  ...(keyBits < MIN_RSA_BITS ? (['short-rsa-key'] as const) : []),
  ...(signatureAlgorithm.strength === 'old' ? (['sha1-signature'] as const) : []),
];

function checkStrength(
  info: CertificateInfo,
  fields: CertificateFields,
  { allowWeak = false }: StrengthOptions,
): void {
  const { keyBits, publicExponent, signatureAlgorithm, weaknesses } = info;
  if (keyBits > MAX_RSA_BITS) throw invalid(`The certificate's RSA key has ${keyBits} bits`);
  const atLeast = allowWeak ? MIN_OLD_RSA_BITS : MIN_RSA_BITS;
  if (keyBits < atLeast || publicExponent < 3n)
    throw weak(`The certificate's RSA key (${keyBits} bits) is too weak`, info);
  if (
    fields.signatureAlgorithm.strength === 'broken' ||
    (!allowWeak && weaknesses.includes('sha1-signature'))
  )
    throw weak(`The certificate's signature (${signatureAlgorithm}) is too weak`, info);
}

/** Node prints a name with one attribute a line, escaped as RFC 4514 wants, in the order of the encoding. */
const rfc4514 = (name: string | undefined): string => (name ?? '').split('\n').reverse().join(',');

const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const weak = (message: string, { keyBits, signatureAlgorithm }: CertificateInfo): AppError =>
  new AppError('CERTIFICATE_WEAK', message, {
    fix: `Have it issued anew with an RSA key of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits, of which 3072 is a good choice, and signed with SHA-256 or better.`,
    details: { bits: String(keyBits), signatureAlgorithm },
  });

const invalid = (message: string, cause?: unknown): AppError =>
  new AppError('CERTIFICATE_INVALID', message, {
    fix: 'Give exactly one X.509 certificate, in PEM or DER, with an RSA key of 2048 to 8192 bits.',
    cause,
  });
