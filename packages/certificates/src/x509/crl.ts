import { createHash } from 'node:crypto';
import { contextTag, DerError, type Element, expectTag, TAG } from '../der.ts';
import { type IssuingDistributionPoint, parseIssuingDistributionPoint } from './distribution-points.ts';
import { parseRawExtensions, type RawExtension } from './extensions.ts';
import { type Name, parseName } from './name.ts';
import { checkSameAlgorithm, parseSigned, type Signed } from './parse-x509.ts';
import { fieldsOf, integerOf, readStrict, readStrictOnly, smallIntegerOf, timeOf } from './strict-der.ts';

/** A list of revoked certificates taken apart (RFC 5280, 5.1). Nothing in it has been checked. Not to be changed. */
export interface Crl {
  readonly fingerprint: string;
  readonly signed: Signed;
  readonly issuer: Name;
  /** Milliseconds. */
  readonly thisUpdate: number;
  /** Undefined in lists that never say when they are old. */
  readonly nextUpdate: number | undefined;
  /** By serial number, as `X509.serial` has it. */
  readonly revoked: ReadonlyMap<string, Revocation>;
  readonly scope: IssuingDistributionPoint | undefined;
  /** Says only what changed since another one (delta CRL, 5.2.4). */
  readonly isDelta: boolean;
  /** Why it cannot decide anything here: it is indirect, or has something critical that is not known. */
  readonly unsupported: string | undefined;
  /** The rule of section 5 that it breaks. */
  readonly notConforming: string | undefined;
}

export interface Revocation {
  readonly at: number;
  readonly reason: string;
}

/** Of lists of changes only. */
const REMOVE_FROM_CRL = 'removeFromCRL';

/** CRLReason (5.3.1). */
const REASONS: Readonly<Record<number, string>> = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  8: REMOVE_FROM_CRL,
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
};

const OID = {
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  authorityKeyId: '2.5.29.35',
};

const KNOWN: readonly string[] = [
  OID.crlNumber,
  OID.deltaCrlIndicator,
  OID.issuingDistributionPoint,
  OID.authorityKeyId,
];

/** Some 200 000 certificates. Taking apart one of that size takes half a second, once. */
export const MAX_CRL_SIZE = 8 * 1024 * 1024;
const ENUMERATED = 0x0a;

/** Throws DerError. */
export function parseCrl(bytes: Uint8Array): Crl {
  if (bytes.length > MAX_CRL_SIZE) throw new DerError('is larger than 8 MiB');
  const der = Buffer.from(bytes);
  const { signed, body } = parseSigned(der);
  const fields = fieldsOf(body);
  if (smallIntegerOf(fields.next(TAG.integer)) !== 1) throw new DerError('is not of version 2');
  checkSameAlgorithm(signed, fields.next(TAG.sequence));
  const issuer = parseName(fields.next(TAG.sequence));
  const thisUpdate = timeOf(fields.any());
  const next = fields.optional(TAG.utcTime) ?? fields.optional(TAG.generalizedTime);
  const list = fields.optional(TAG.sequence);
  const wrapped = fields.optional(contextTag(0, true));
  fields.end();
  const extensions = wrapped ? parseRawExtensions(readStrictOnly(wrapped.content, TAG.sequence)) : [];
  const valueFor = (oid: string) => extensions.find((each) => each.oid === oid)?.value;
  const scopeValue = valueFor(OID.issuingDistributionPoint);
  const scope = scopeValue && parseIssuingDistributionPoint(readStrictOnly(scopeValue, TAG.sequence));
  const isDelta = valueFor(OID.deltaCrlIndicator) !== undefined;
  const { revoked, unknown } = parseEntries(list, isDelta);
  return {
    fingerprint: createHash('sha256').update(der).digest('hex'),
    signed,
    issuer,
    thisUpdate,
    nextUpdate: next && timeOf(next),
    revoked,
    scope,
    isDelta,
    unsupported: unsupportedIn(extensions, scope) ?? unknown,
    notConforming: brokenRule(extensions),
  };
}

function unsupportedIn(
  extensions: readonly RawExtension[],
  scope: IssuingDistributionPoint | undefined,
): string | undefined {
  if (scope?.indirect) return 'it speaks for other CAs (indirect CRL)';
  const unknown = extensions.find(({ oid, critical }) => critical && !KNOWN.includes(oid));
  return unknown && `critical extension ${unknown.oid}`;
}

function brokenRule(extensions: readonly RawExtension[]): string | undefined {
  const number = extensions.find(({ oid }) => oid === OID.crlNumber);
  if (number === undefined) return 'has no CRL number';
  return number.critical ? 'marks its CRL number critical' : undefined;
}

function parseEntries(list: Element | undefined, isDelta: boolean) {
  const revoked = new Map<string, Revocation>();
  let unknown: string | undefined;
  for (let at = 0; list !== undefined && at < list.content.length; ) {
    const entry = expectTag(readStrict(list.content, at), TAG.sequence);
    at += entry.raw.length;
    const fields = fieldsOf(entry);
    const serial = integerOf(fields.next(TAG.integer)).toString('hex');
    const since = timeOf(fields.any());
    const wrapped = fields.optional(TAG.sequence);
    fields.end();
    const extensions = wrapped === undefined ? [] : parseRawExtensions(wrapped);
    const critical = extensions.find((each) => each.critical && each.oid !== OID.reasonCode);
    // Of a list with one of these, nothing may be believed (5.3): the entry may mean something else than it looks like.
    if (critical !== undefined) unknown = `critical extension ${critical.oid} of an entry`;
    const reason = reasonOf(extensions);
    if (reason !== REMOVE_FROM_CRL) revoked.set(serial, { at: since, reason });
    else if (!isDelta) throw new DerError('takes back what it never said');
  }
  return { revoked, unknown };
}

function reasonOf(extensions: readonly RawExtension[]): string {
  const value = extensions.find(({ oid }) => oid === OID.reasonCode)?.value;
  if (value === undefined) return 'no reason given';
  const reason = REASONS[smallIntegerOf(readStrictOnly(value, ENUMERATED))];
  if (reason === undefined) throw new DerError('has an entry with a reason that it cannot have');
  return reason;
}
