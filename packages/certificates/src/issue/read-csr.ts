import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { children, contextTag, DerError, type Element, expectTag, readOnly, TAG } from '../der.ts';
import { algorithmOf, octetsOf, oidOf } from '../der-values.ts';
import { pemBlocks } from '../pem.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from '../rsa-size.ts';
import { type GeneralName, parseGeneralNames } from '../x509/general-names.ts';
import { readStrictOnly } from '../x509/strict-der.ts';

/** A request for a certificate (PKCS#10, RFC 2986). What it asks for binds nobody. */
export interface CertificateRequest {
  /** A Name in DER. */
  readonly subject: Buffer;
  /** RSA of 2048 to 8192 bits, or P-256, P-384 or P-521. Whoever asks has its private key. */
  readonly publicKey: KeyObject;
  readonly subjectAltNames: readonly GeneralName[];
  /** OIDs. */
  readonly extendedKeyUsages: readonly string[];
}

const MAX_SIZE = 64 * 1024;
const LABELS = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'];
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};
const EXTENSION_REQUESTS = ['1.2.840.113549.1.9.14', '1.3.6.1.4.1.311.2.1.14'];
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/** PEM or DER. Throws CERTIFICATE_INVALID, or CERTIFICATE_WEAK for a key that is too small or of another kind. */
export function readCsr(file: Buffer): CertificateRequest {
  if (file.length > MAX_SIZE) throw invalid('is larger than 64 KiB');
  const der = pemBlocks(file).find(({ label }) => LABELS.includes(label))?.content ?? file;
  try {
    return parse(der);
  } catch (error) {
    if (error instanceof DerError) throw invalid(error.message, error);
    throw error;
  }
}

function parse(der: Buffer): CertificateRequest {
  const [info, algorithm, signature] = children(readOnly(der, TAG.sequence), 3);
  const [version, subject, publicKeyInfo, attributes] = children(expectTag(info, TAG.sequence), 4);
  expectTag(version, TAG.integer);
  const publicKey = publicKeyOf(expectTag(publicKeyInfo, TAG.sequence).raw);
  const hash = HASHES[algorithmOf(algorithm).oid];
  const bits = expectTag(signature, TAG.bitString).content;
  const isSigned =
    hash !== undefined &&
    bits[0] === 0 &&
    verify(hash, expectTag(info, TAG.sequence).raw, publicKey, bits.subarray(1));
  // Otherwise anybody could have a certificate for somebody else's key.
  if (!isSigned) throw invalid('is not signed by the key that it is for');
  const extensions = extensionsIn(attributes);
  const alternative = extensions.get('2.5.29.17');
  const usages = extensions.get('2.5.29.37');
  return {
    subject: expectTag(subject, TAG.sequence).raw,
    publicKey,
    subjectAltNames: alternative ? parseGeneralNames(readStrictOnly(alternative, TAG.sequence)) : [],
    extendedKeyUsages: usages ? children(readOnly(usages, TAG.sequence), 50).map(oidOf) : [],
  };
}

function publicKeyOf(der: Buffer): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch (cause) {
    throw invalid('has a public key that cannot be read', cause);
  }
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const fits =
    key.asymmetricKeyType === 'rsa'
      ? modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS
      : key.asymmetricKeyType === 'ec' && CURVES.includes(namedCurve);
  if (fits) return key;
  throw new AppError(
    'CERTIFICATE_WEAK',
    'The key of the request is too small, or of a kind that is not taken',
    {
      fix: `Make the request with an RSA key of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits, or with P-256, P-384 or P-521.`,
    },
  );
}

/** The values of the extensions that are asked for, by OID. */
function extensionsIn(attributes: Element | undefined): Map<string, Buffer> {
  if (attributes === undefined) return new Map();
  const found = new Map<string, Buffer>();
  for (const attribute of children(expectTag(attributes, contextTag(0, true)), 50)) {
    const [type, values] = children(expectTag(attribute, TAG.sequence), 2);
    if (!EXTENSION_REQUESTS.includes(oidOf(type))) continue;
    const [wanted] = children(expectTag(values, TAG.set), 1);
    for (const extension of children(expectTag(wanted, TAG.sequence), 50)) {
      const parts = children(expectTag(extension, TAG.sequence), 3);
      found.set(oidOf(parts[0]), octetsOf(parts.at(-1)));
    }
  }
  return found;
}

const invalid = (why: string, cause?: unknown): AppError =>
  new AppError('CERTIFICATE_INVALID', `The request ${why}`, {
    fix: 'Give a certificate request (PKCS#10) in PEM or DER, as openssl req -new makes it.',
    ...(cause === undefined ? {} : { cause }),
  });
