import { createHash } from 'node:crypto';
import { contextTag, DerError, type Element, TAG } from '../der.ts';
import { type Extensions, parseExtensions } from './extensions.ts';
import type { GeneralName } from './general-names.ts';
import { type Name, parseName } from './name.ts';
import { parseSubjectKey, type SubjectKey } from './public-key.ts';
import { fieldsOf, integerOf, readStrictOnly, smallIntegerOf, timeOf } from './strict-der.ts';

/** A certificate taken apart for the validation of paths (RFC 5280, 4.1). Nothing in it has been checked. Not to be changed. */
export interface X509 {
  readonly der: Buffer;
  /** SHA-256 of the DER, in hex. */
  readonly fingerprint: string;
  readonly signed: Signed;
  readonly version: number;
  /** Content of the INTEGER, in hex: CAs have written negative ones. */
  readonly serial: string;
  readonly issuer: Name;
  readonly subject: Name;
  /** Milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: SubjectKey;
  readonly extensions: Extensions;
  /** Every name that constraints on names apply to. */
  readonly names: readonly GeneralName[];
}

/** Something with a signature behind it: a certificate or a CRL. */
export interface Signed {
  readonly body: Buffer;
  /** AlgorithmIdentifier, the same inside and outside. */
  readonly algorithm: Element;
  readonly signature: Buffer;
}

/** Far over any real certificate. */
export const MAX_CERTIFICATE_SIZE = 64 * 1024;
/** CAs MUST NOT write longer ones, and 20 bytes are what everybody can take (4.1.2.2). */
const MAX_SERIAL_SIZE = 20;

/** Throws DerError. */
export function parseX509(bytes: Uint8Array): X509 {
  if (bytes.length > MAX_CERTIFICATE_SIZE) throw new DerError('is larger than 64 KiB');
  const der = Buffer.from(bytes);
  const { signed, body } = parseSigned(der);
  const fields = fieldsOf(body);
  const version = parseVersion(fields.optional(contextTag(0, true)));
  const serial = integerOf(fields.next(TAG.integer));
  if (serial.length > MAX_SERIAL_SIZE) throw new DerError('has a serial number of more than 20 bytes');
  checkSameAlgorithm(signed, fields.next(TAG.sequence));
  const issuer = parseName(fields.next(TAG.sequence));
  const validity = fieldsOf(fields.next(TAG.sequence));
  const notBefore = timeOf(validity.any());
  const notAfter = timeOf(validity.any());
  validity.end();
  const subject = parseName(fields.next(TAG.sequence));
  const key = parseSubjectKey(fields.next(TAG.sequence));
  const uniqueIds = [fields.optional(contextTag(1)), fields.optional(contextTag(2))];
  const wrapped = fields.optional(contextTag(3, true));
  fields.end();
  if (uniqueIds.some((id) => id !== undefined) && version < 2)
    throw new DerError('has unique ids before version 2');
  if (wrapped !== undefined && version < 3) throw new DerError('has extensions before version 3');
  const extensions = parseExtensions(wrapped && readStrictOnly(wrapped.content, TAG.sequence));
  return {
    der,
    fingerprint: createHash('sha256').update(der).digest('hex'),
    signed,
    version,
    serial: serial.toString('hex'),
    issuer,
    subject,
    notBefore,
    notAfter,
    key,
    extensions,
    names: namesOf(subject, extensions),
  };
}

/** The three parts that certificates and CRLs are alike in. */
export function parseSigned(der: Buffer): { signed: Signed; body: Element } {
  const outer = fieldsOf(readStrictOnly(der, TAG.sequence));
  const body = outer.next(TAG.sequence);
  const algorithm = outer.next(TAG.sequence);
  const { content } = outer.next(TAG.bitString);
  // One without whole bytes is no signature of anybody's, and that is for its check to say.
  const signature = content.subarray(content[0] === 0 ? 1 : content.length);
  outer.end();
  return { signed: { body: body.raw, algorithm, signature }, body };
}

export function checkSameAlgorithm({ algorithm }: Signed, inside: Element): void {
  if (!algorithm.raw.equals(inside.raw)) throw new DerError('names two signature algorithms');
}

function parseVersion(explicit: Element | undefined): number {
  if (explicit === undefined) return 1;
  const version = smallIntegerOf(readStrictOnly(explicit.content, TAG.integer)) + 1;
  if (version !== 2 && version !== 3) throw new DerError('has an unknown version');
  return version;
}

const namesOf = (subject: Name, { subjectAltNames = [] }: Extensions): GeneralName[] => [
  ...(subject.parts.length === 0 ? [] : [{ kind: 'directory', value: subject } as const]),
  ...subject.emails.map((value) => ({ kind: 'email', value }) as const),
  ...subjectAltNames,
];

/** A CA's own next key, or next certificate: its subject is its issuer. */
export const isSelfIssued = ({ subject, issuer }: X509): boolean => subject.key === issuer.key;

/** Two certificates of one CA on one key: for building paths they are the same. */
export const isSameEntity = (a: X509, b: X509): boolean =>
  a.subject.key === b.subject.key && a.key.der.equals(b.key.der);
