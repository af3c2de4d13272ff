import { createPublicKey, type KeyObject } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { contextTag, DerError, type Element, expectTag, TAG } from '../der.ts';
import { contentsOf, MAX_FILE_SIZE } from '../file-contents.ts';
import { noCertificateRequest } from '../wrong-file.ts';
import { parseExtensions } from '../x509/extensions.ts';
import type { GeneralName } from '../x509/general-names.ts';
import { parseName } from '../x509/name.ts';
import { parseSigned } from '../x509/parse-x509.ts';
import { parseSubjectKey, type SubjectKey } from '../x509/public-key.ts';
import { isKeyAllowed, isSignedBy } from '../x509/signature.ts';
import { fieldsOf, listOf, oidOf, smallIntegerOf } from '../x509/strict-der.ts';

/** A request for a certificate. Whoever asks has its private key; nothing else that it says is proved, or binds anybody. */
export interface CertificateRequest {
  /** A Name in DER, which may be empty. */
  readonly subject: Buffer;
  /** RSA of 2048 to 8192 bits, or EC on P-256, P-384 or P-521. */
  readonly publicKey: KeyObject;
  readonly subjectAltNames: readonly GeneralName[];
  /** OIDs. */
  readonly extendedKeyUsages: readonly string[];
}

/** extensionRequest of RFC 2985, 5.4.2, and the same of Microsoft's older programs. */
const EXTENSION_REQUESTS: readonly string[] = ['1.2.840.113549.1.9.14', '1.3.6.1.4.1.311.2.1.14'];

/**
 * The one certificate request (PKCS#10, RFC 2986) of a file in PEM or DER, whose signature has been checked. Throws
 * CERTIFICATE_INVALID, which says what the file holds instead, and CERTIFICATE_WEAK for a key that is too small.
 */
export function readCsr(file: Uint8Array): CertificateRequest {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length > MAX_FILE_SIZE) throw invalid('The certificate request is larger than 256 KiB');
  const contents = contentsOf(bytes);
  try {
    const [request, ...others] = contents.filter(({ kind }) => kind === 'certificate request');
    if (request === undefined) throw noCertificateRequest(contents[0]?.kind ?? 'unknown');
    if (others.length > 0) throw invalid(`The file holds ${others.length + 1} certificate requests`, ONE);
    // Names and extensions stay views of it.
    return parse(Buffer.from(request.content));
  } catch (error) {
    if (error instanceof DerError) throw invalid(`The certificate request ${error.message}`, AGAIN, error);
    throw error;
  } finally {
    // There may be a private key beside it.
    for (const { content } of contents) content.fill(0);
  }
}

const AGAIN = 'Make the request again where its private key is: openssl req -new -key KEY, or certreq -new.';
const ONE = 'Give the requests one by one.';

function parse(der: Buffer): CertificateRequest {
  const { signed, body } = parseSigned(der);
  const fields = fieldsOf(body);
  if (smallIntegerOf(fields.next(TAG.integer)) !== 0) throw new DerError('is of an unknown version');
  const subject = parseName(fields.next(TAG.sequence));
  const key = parseSubjectKey(fields.next(TAG.sequence));
  const attributes = fields.optional(contextTag(0, true));
  fields.end();
  checkKey(key);
  if (!isSignedBy(signed, key))
    throw invalid('The signature on the certificate request is not by the key that it is for', AGAIN);
  const extensions = parseExtensions(requestedIn(attributes));
  return {
    subject: subject.der,
    publicKey: createPublicKey({ key: key.der, format: 'der', type: 'spki' }),
    subjectAltNames: extensions.subjectAltNames ?? [],
    extendedKeyUsages: [...(extensions.extendedKeyUsage ?? [])],
  };
}

function checkKey(key: SubjectKey): void {
  const isTaken = key.type === 'rsa' || key.type === 'ec';
  if (isTaken && isKeyAllowed(key, { legacy: [] })) return;
  const what = key.type === 'rsa' ? `an RSA key of ${key.bits} bits` : `a key of type ${key.type}`;
  throw new AppError('CERTIFICATE_WEAK', `The certificate request is for ${what}, which is not taken`, {
    fix: 'Make the request with an RSA key of 2048 to 8192 bits, of which 3072 is a good choice, or an EC key on P-256, P-384 or P-521.',
    details: { type: key.type, bits: String(key.bits) },
  });
}

/** The Extensions of whichever attribute has them. Other attributes, such as a challenge password, mean nothing here. */
function requestedIn(attributes: Element | undefined): Element | undefined {
  if (attributes === undefined) return undefined;
  const found = listOf(attributes, 0, 100).flatMap((attribute) => {
    const fields = fieldsOf(expectTag(attribute, TAG.sequence));
    const type = oidOf(fields.next(TAG.oid));
    const values = fields.next(TAG.set);
    fields.end();
    return EXTENSION_REQUESTS.includes(type) ? listOf(values, 1, 1) : [];
  });
  if (found.length > 1) throw new DerError('asks for extensions twice');
  return found[0];
}

const invalid = (message: string, fix = AGAIN, cause?: unknown): AppError =>
  new AppError('CERTIFICATE_INVALID', message, { fix, cause });
