import { element, oid, sequence, setOf, utf8String } from '../der.ts';

/** Whom a certificate names (RFC 5280, 4.1.2.4). Bounds are the caller's to check: RFC 5280, A.1. */
export interface NameAttributes {
  readonly country?: string | undefined;
  readonly state?: string | undefined;
  readonly locality?: string | undefined;
  readonly organization?: string | undefined;
  readonly organizationalUnit?: string | undefined;
  readonly commonName?: string | undefined;
  readonly email?: string | undefined;
}

const PRINTABLE_STRING = 0x13;
const IA5_STRING = 0x16;

const printable = (text: string): Buffer => element(PRINTABLE_STRING, Buffer.from(text, 'latin1'));
const ia5 = (text: string): Buffer => element(IA5_STRING, Buffer.from(text, 'latin1'));

/** From the widest to the narrowest, which is the order that OpenSSL and everybody else writes. */
const ATTRIBUTES: readonly (readonly [
  keyof NameAttributes,
  type: string,
  encode: (text: string) => Buffer,
])[] = [
  ['country', '2.5.4.6', printable],
  ['state', '2.5.4.8', utf8String],
  ['locality', '2.5.4.7', utf8String],
  ['organization', '2.5.4.10', utf8String],
  ['organizationalUnit', '2.5.4.11', utf8String],
  ['commonName', '2.5.4.3', utf8String],
  ['email', '1.2.840.113549.1.9.1', ia5],
];

/** A Name in DER. */
export const encodeName = (attributes: NameAttributes): Buffer =>
  sequence(
    ...ATTRIBUTES.flatMap(([field, type, encode]) => {
      const text = attributes[field];
      return text === undefined ? [] : [setOf(sequence(oid(type), encode(text)))];
    }),
  );
