import { children, DerError, type Element, expectTag, readOnly, TAG } from './der.ts';

/** RFC 4514, 3, and the others as OpenSSL names them. */
const TYPES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.41': 'name',
  '2.5.4.42': 'GN',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationQualifier',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.65': 'pseudonym',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16Decoder = new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true });
const utf8 = (bytes: Buffer): string => utf8Decoder.decode(bytes);
const latin1 = (bytes: Buffer): string => bytes.toString('latin1');

/** What an attribute's type is called, `CN` and so on; the OID itself of those that have no name. */
export const attributeType = (oid: string): string => TYPES[oid] ?? oid;

/** The character strings of X.680, 41, by tag. TeletexString is Latin-1 to everybody who writes it. */
const STRINGS: Readonly<Record<number, (content: Buffer) => string>> = {
  [TAG.utf8String]: utf8,
  18: latin1,
  19: latin1,
  20: latin1,
  22: latin1,
  26: latin1,
  28: universal,
  30: (bytes) => utf16Decoder.decode(bytes),
};

const MAX_SIZE = 64 * 1024;
const MAX_LENGTH = 1000;
const MAX_OID_SIZE = 64;

/**
 * A Name in DER as an RFC 4514 string for people to read, such as `CN=Recording,O=Example`: at most 1000 characters,
 * and none that would move a terminal's cursor, break a line or turn the direction of what follows. Not for comparing:
 * names are the same when their bytes are. What is no Name at all is shown in hex, as its values are that are no text.
 */
export function distinguishedName(der: Uint8Array): string {
  const bytes = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  try {
    if (bytes.length > MAX_SIZE) throw new DerError('is too long');
    // RFC 4514, 2.1: the last one first. Within one there is no order, and OpenSSL turns that round too.
    return shorten(children(readOnly(bytes, TAG.sequence)).map(relativeName).reverse().join(','));
  } catch (error) {
    if (error instanceof DerError) return shorten(inHex(bytes));
    throw error;
  }
}

/** What people call somebody by, the best first. */
const NAMES = [
  '2.5.4.3',
  '2.5.4.10',
  '2.5.4.11',
  '0.9.2342.19200300.100.1.1',
  '1.2.840.113549.1.9.1',
  '2.5.4.5',
];
const MAX_NAME = 128;

/** The common name in a Name in DER, or what there is in its place; the whole name when there is nothing of that kind. */
export function subjectNameOf(der: Buffer): string {
  try {
    const attributes = children(readOnly(der, TAG.sequence))
      .flatMap((set) => children(expectTag(set, TAG.set)))
      .map((each) => children(expectTag(each, TAG.sequence), 2));
    // The last one is the most specific.
    for (const name of NAMES)
      for (const [type, value] of attributes.toReversed()) {
        if (value === undefined || dotted(expectTag(type, TAG.oid).content) !== name) continue;
        const text = textOf(value)?.trim().slice(0, MAX_NAME).replaceAll(UNPRINTABLE, '\ufffd');
        if (text !== undefined && text !== '') return text;
      }
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  return distinguishedName(der);
}

const relativeName = (set: Element): string =>
  children(expectTag(set, TAG.set)).map(attribute).reverse().join('+');

function attribute(typeAndValue: Element): string {
  const [type, value, ...others] = children(expectTag(typeAndValue, TAG.sequence), 3);
  if (value === undefined || others.length > 0) throw new DerError('has an attribute without one value');
  const oid = dotted(expectTag(type, TAG.oid).content);
  const name = TYPES[oid];
  // Of a type without a name, nobody knows the syntax (RFC 4514, 2.4).
  const text = name === undefined ? undefined : textOf(value);
  return `${name ?? oid}=${text === undefined ? inHex(value.raw) : escaped(text)}`;
}

/** A character string's text; undefined when it is no text. */
export function textOf({ tag, content }: Element): string | undefined {
  try {
    return STRINGS[tag]?.(content);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Four bytes each. Throws RangeError for what is no character. */
function universal(content: Buffer): string {
  const points = Array.from({ length: Math.ceil(content.length / 4) }, (_, i) => content.readUInt32BE(4 * i));
  return String.fromCodePoint(...points);
}

const SPECIAL = /["+,;<>\\]|^[ #]| $/gu;
/** Controls, formats, surrogates, what is not assigned, and separators of lines. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const escaped = (text: string): string =>
  text
    .replaceAll(SPECIAL, '\\$&')
    .replaceAll(UNPRINTABLE, (character) =>
      Buffer.from(character).toString('hex').toUpperCase().replaceAll(/../g, '\\$&'),
    );

/** No more of it than can be shown. */
const inHex = (bytes: Buffer): string => `#${bytes.toString('hex', 0, MAX_LENGTH).toUpperCase()}`;

function shorten(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  // Half a character would be left where the cut goes through one.
  return `${text.slice(0, MAX_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** An OBJECT IDENTIFIER's content (X.690, 8.19). Throws DerError. */
export function dotted(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content.subarray(0, MAX_OID_SIZE)) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER) throw new DerError('has a malformed type');
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first, ...rest] = arcs;
  const isWhole = content.length <= MAX_OID_SIZE && (content.at(-1) ?? 0x80) < 0x80;
  if (first === undefined || !isWhole) throw new DerError('has a malformed type');
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...rest].join('.');
}
