import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import {
  type CertificateInfo,
  keyIdOf,
  parseCertificate,
  type StrengthOptions,
  toX509,
} from './certificate.ts';
import { children, contextTag, DerError, expectTag, readElement, TAG } from './der.ts';
import { type Content, contentsOf, MAX_FILE_SIZE } from './file-contents.ts';
import { noCertificate } from './wrong-file.ts';

export interface CertificateFile {
  readonly leaf: CertificateInfo;
  /** DER of the other certificates in the file, in its order, each once. Whether they issued the leaf is not looked at. */
  readonly chain: readonly Buffer[];
}

export interface CertificateFileOptions extends StrengthOptions {
  /** Its certificate is the leaf, when it is in the file. */
  readonly privateKey?: KeyObject;
}

const MAX_CERTIFICATES = 64;
const CERTIFICATES = contextTag(0, true);

/**
 * A certificate with others in the same file, which may be its chain: PEM, DER or PKCS#7 (.p7b). The leaf is that of the
 * private key if one is given, and else the one that issued none of the others. Throws CERTIFICATE_INVALID, which says
 * what the file holds instead of certificates, or CERTIFICATE_WEAK.
 */
export function readCertificateFile(file: Uint8Array, options: CertificateFileOptions = {}): CertificateFile {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length > MAX_FILE_SIZE) throw invalid('The certificate file is larger than 256 KiB');
  const contents = contentsOf(bytes);
  try {
    const found = certificatesAmong(contents);
    if (found.length === 0) throw noCertificate(contents[0]?.kind ?? 'unknown');
    return arrange(found.map(toX509), options);
  } finally {
    for (const { content } of contents) content.fill(0);
  }
}

/** DER of every certificate in a file, in its order, whatever they are. Throws CERTIFICATE_INVALID. */
export function certificatesIn(file: Buffer): Buffer[] {
  const contents = contentsOf(file);
  try {
    return certificatesAmong(contents);
  } finally {
    for (const { content } of contents) content.fill(0);
  }
}

/** In memory of their own. Throws CERTIFICATE_INVALID. */
export function certificatesAmong(contents: readonly Content[]): Buffer[] {
  const found = contents.flatMap(({ kind, content }) => {
    if (kind === 'certificate') return [Buffer.from(content)];
    return kind === 'certificates' ? fromPkcs7(content) : [];
  });
  if (found.length > MAX_CERTIFICATES)
    throw invalid(`The file holds more than ${MAX_CERTIFICATES} certificates`);
  return found;
}

/** Those in a SignedData (RFC 5652, 5.1), which is how Windows exports a certificate with its chain. */
function fromPkcs7(der: Buffer): Buffer[] {
  try {
    const [, content] = children(expectTag(readElement(der), TAG.sequence), 2);
    const [signedData] = children(expectTag(content, CERTIFICATES), 1);
    const fields = children(expectTag(signedData, TAG.sequence), 6);
    const certificates = fields.find(({ tag }) => tag === CERTIFICATES);
    const found = certificates === undefined ? [] : children(certificates, MAX_CERTIFICATES);
    return found.filter(({ tag }) => tag === TAG.sequence).map(({ raw }) => Buffer.from(raw));
  } catch (error) {
    if (error instanceof DerError) throw invalid('The PKCS#7 file is damaged');
    throw error;
  }
}

/** Throws CERTIFICATE_INVALID when it cannot be told which one is meant, CERTIFICATE_WEAK. */
export function arrange(
  certificates: readonly X509Certificate[],
  { privateKey, ...strength }: CertificateFileOptions,
): CertificateFile {
  const each = [...new Map(certificates.map((one) => [one.fingerprint256, one])).values()];
  const leaf =
    (privateKey && certificateOf(privateKey, each)) ?? theOnly(each.filter(isLeafAmong(each)), each.length);
  return {
    leaf: parseCertificate(leaf.raw, strength),
    chain: each.filter((one) => one !== leaf).map(({ raw }) => raw),
  };
}

export function certificateOf(
  privateKey: KeyObject,
  certificates: readonly X509Certificate[],
): X509Certificate | undefined {
  const keyId = keyIdOf(createPublicKey(privateKey));
  return certificates.find((certificate) => {
    try {
      return keyIdOf(certificate.publicKey) === keyId;
    } catch {
      // A key of a kind that node:crypto does not know is not this one.
      return false;
    }
  });
}

const isLeafAmong =
  (certificates: readonly X509Certificate[]) =>
  (one: X509Certificate): boolean =>
    certificates.every((other) => other === one || !other.checkIssued(one));

function theOnly(leaves: readonly X509Certificate[], count: number): X509Certificate {
  const [leaf, ...others] = leaves;
  if (leaf !== undefined && others.length === 0) return leaf;
  throw invalid(`The file holds ${count} certificates, and it cannot be told which one is meant`);
}

const invalid = (message: string): AppError =>
  new AppError('CERTIFICATE_INVALID', message, {
    fix: 'Give one certificate, alone or with those that issued it, in PEM, DER or PKCS#7.',
  });
