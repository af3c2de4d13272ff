import { createHash, type KeyObject } from 'node:crypto';
import {
  children,
  contextTag,
  element,
  expectTag,
  integer,
  octetString,
  oid,
  readOnly,
  sequence,
  TAG,
} from '../der.ts';
import { KEY_USAGES, type KeyUsage } from '../x509/extensions.ts';

/** Extensions of certificates and CRLs in DER (RFC 5280, 4.2 and 5.2), as issueCertificate and issueCrl take them. */

const TRUE = Buffer.of(0x01, 0x01, 0xff);

export const extension = (type: string, value: Buffer, { critical = false } = {}): Buffer =>
  sequence(oid(type), ...(critical ? [TRUE] : []), octetString(value));

/** A number from 0 up, such as a path length or that of a CRL. */
const wholeNumber = (value: number | bigint): Buffer => {
  const hex = value.toString(16);
  return integer(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
};

/** `pathLength` is how many CAs may come below; any number when it is left out. */
export const caConstraints = (pathLength?: number): Buffer =>
  extension(
    '2.5.29.19',
    sequence(TRUE, ...(pathLength === undefined ? [] : [wholeNumber(pathLength)])),
    CRITICAL,
  );

const CRITICAL = { critical: true };

export const noCa = (): Buffer => extension('2.5.29.19', sequence(), CRITICAL);

export function keyUsage(...usages: readonly KeyUsage[]): Buffer {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  const last = Math.max(...bits);
  const bytes = Buffer.alloc(1 + (last >> 3));
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return extension('2.5.29.15', element(TAG.bitString, Buffer.of(7 - (last & 7)), bytes), CRITICAL);
}

export const EXTENDED_KEY_USAGES = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
} as const;
export type ExtendedKeyUsage = keyof typeof EXTENDED_KEY_USAGES;

export const extendedKeyUsage = (...usages: readonly ExtendedKeyUsage[]): Buffer =>
  extension('2.5.29.37', sequence(...usages.map((usage) => oid(EXTENDED_KEY_USAGES[usage]))));

/** The SHA-1 of the public key's bits (RFC 5280, 4.2.1.2, method 1): a name for a key, and no signature. */
export function keyIdentifierOf(publicKey: KeyObject): Buffer {
  const info = readOnly(publicKey.export({ type: 'spki', format: 'der' }), TAG.sequence);
  const bits = expectTag(children(info, 2)[1], TAG.bitString).content.subarray(1);
  return createHash('sha1').update(bits).digest();
}

export const subjectKeyIdentifier = (keyIdentifier: Buffer): Buffer =>
  extension('2.5.29.14', octetString(keyIdentifier));

export const authorityKeyIdentifier = (keyIdentifier: Buffer): Buffer =>
  extension('2.5.29.35', sequence(element(contextTag(0), keyIdentifier)));

/** A GeneralName. An IP address as its 4 or 16 bytes, in a constraint with as many of its mask; a directory name in DER. */
export type NamedFor =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  | { readonly kind: 'ip' | 'directory'; readonly value: Buffer };

const NAME_TAGS = { email: 1, dns: 2, directory: 4, uri: 6, ip: 7 } as const;

const generalName = ({ kind, value }: NamedFor): Buffer =>
  element(
    contextTag(NAME_TAGS[kind], kind === 'directory'),
    typeof value === 'string' ? Buffer.from(value, 'latin1') : value,
  );

/** Not critical: there is always a subject as well. */
export const subjectAltNames = (...names: readonly NamedFor[]): Buffer =>
  extension('2.5.29.17', sequence(...names.map(generalName)));

export function nameConstraints(permitted: readonly NamedFor[], excluded: readonly NamedFor[]): Buffer {
  const subtrees = (n: number, names: readonly NamedFor[]): Buffer[] =>
    names.length === 0
      ? []
      : [element(contextTag(n, true), ...names.map((name) => sequence(generalName(name))))];
  return extension('2.5.29.30', sequence(...subtrees(0, permitted), ...subtrees(1, excluded)), CRITICAL);
}

/** Where the CA's list of revoked certificates can be fetched. */
export const crlDistributionPoint = (url: string): Buffer =>
  extension(
    '2.5.29.31',
    sequence(
      sequence(
        element(contextTag(0, true), element(contextTag(0, true), generalName({ kind: 'uri', value: url }))),
      ),
    ),
  );

export const crlNumber = (number: bigint): Buffer => extension('2.5.29.20', wholeNumber(number));

/** RFC 5280, 5.3.1, each at its number. Without removeFromCRL, which lists of changes have. */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  CACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  AACompromise: 10,
} as const;
export type RevocationReason = keyof typeof REVOCATION_REASONS;

const ENUMERATED = 0x0a;

export const reasonCode = (reason: RevocationReason): Buffer =>
  extension('2.5.29.21', element(ENUMERATED, Buffer.of(REVOCATION_REASONS[reason])));
