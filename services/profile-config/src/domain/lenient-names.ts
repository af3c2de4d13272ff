import { DerError, readElement } from '@sealtrack/certificates/der';
import { textOf } from '@sealtrack/certificates/distinguished-name';

/** What attribute types are called by RFC 4514, OpenSSL, Java and Windows, to one of these. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    CN: ['COMMONNAME', '2.5.4.3'],
    SN: ['SURNAME', '2.5.4.4'],
    SERIALNUMBER: ['2.5.4.5'],
    C: ['COUNTRYNAME', '2.5.4.6'],
    L: ['LOCALITYNAME', '2.5.4.7'],
    ST: ['S', 'SP', 'STATEORPROVINCENAME', '2.5.4.8'],
    STREET: ['STREETADDRESS', '2.5.4.9'],
    O: ['ORGANIZATIONNAME', '2.5.4.10'],
    OU: ['ORGANIZATIONALUNITNAME', '2.5.4.11'],
    TITLE: ['T', '2.5.4.12'],
    DESCRIPTION: ['2.5.4.13'],
    BUSINESSCATEGORY: ['2.5.4.15'],
    POSTALCODE: ['2.5.4.17'],
    NAME: ['2.5.4.41'],
    GN: ['G', 'GIVENNAME', '2.5.4.42'],
    INITIALS: ['2.5.4.43'],
    GENERATIONQUALIFIER: ['GENERATION', '2.5.4.44'],
    DNQUALIFIER: ['DNQ', '2.5.4.46'],
    PSEUDONYM: ['2.5.4.65'],
    ORGANIZATIONIDENTIFIER: ['2.5.4.97'],
    UID: ['USERID', '0.9.2342.19200300.100.1.1'],
    DC: ['DOMAINCOMPONENT', '0.9.2342.19200300.100.1.25'],
    E: ['EMAIL', 'EMAILADDRESS', '1.2.840.113549.1.9.1'],
  }).flatMap(([type, others]) => [type, ...others].map((each) => [each, type] as const)),
);

/**
 * Whether two distinguished names are the same, as different systems write them: `CN=a,O=b` (RFC 4514),
 * `CN=a, O="b"` (Java), `/O=b/CN=a` and `O = b, CN = a` (OpenSSL), in the order of the encoding or the other way round,
 * whatever case and spaces. Nothing else is let pass: no part may be missing.
 */
export function isSameName(one: string, other: string): boolean {
  const [left, right] = [partsOf(one), partsOf(other)];
  if (left.length === 0 || left.length !== right.length) return false;
  return left.every((part, i) => part === right[i]) || left.every((part, i) => part === right.at(-1 - i));
}

/** One comparable text for each RelativeDistinguishedName. Empty for what is no name. */
function partsOf(name: string): string[] {
  const text = name.trim();
  const parts = ONELINE.test(text) ? onelineParts(text) : commaParts(text);
  const comparable = parts.map((attributes) => attributes.map(comparableOf));
  if (comparable.some((part) => part.includes(undefined))) return [];
  // Within one there is no order.
  return comparable.map((part) => part.toSorted().join('+'));
}

const ONELINE = /^\/[A-Za-z0-9.]+=/;

/** Values may have a slash or a plus of their own: only one before a type separates. */
const onelineParts = (text: string): string[][] =>
  text
    .split(/(?<!\\)\/(?=[A-Za-z0-9.]+=)/)
    .slice(1)
    .map((part) => part.split(/(?<!\\)\+(?=[A-Za-z0-9.]+=)/).map(onelineAttribute));

/** As `comparableOf` reads it: here `\xC3` is a byte, and a backslash before anything but / and + is just one. */
function onelineAttribute(attribute: string): string {
  const equals = attribute.indexOf('=') + 1;
  const value = attribute
    .slice(equals)
    .replaceAll(/((?:\\x[0-9A-Fa-f]{2})+)|\\([/+])/g, (_, bytes: string | undefined, character = '') =>
      bytes === undefined ? character : Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString(),
    );
  return attribute.slice(0, equals) + value.replaceAll(/["\\]|^#/g, '\\$&');
}

/** Splits at , ; and + that are neither escaped nor in quotes; the escapes stay for `unescaped`. */
function commaParts(text: string): string[][] {
  const parts: string[][] = [[]];
  let current = '';
  let isQuoted = false;
  const end = () => {
    parts.at(-1)?.push(current);
    current = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      current += character + text.charAt(at + 1);
      at += 1;
    } else if (character === '"') {
      isQuoted = !isQuoted;
      current += character;
    } else if (!isQuoted && /[,;+]/.test(character)) {
      end();
      if (character !== '+') parts.push([]);
    } else current += character;
  }
  end();
  return parts;
}

/** Undefined for what is no attribute: such a name is the same as no other. */
function comparableOf(attribute: string): string | undefined {
  const equals = attribute.indexOf('=');
  if (equals === -1) return undefined;
  const type = attribute
    .slice(0, equals)
    .trim()
    .toUpperCase()
    .replace(/^OID\./, '');
  const value = attribute.slice(equals + 1).trim();
  const text = /^#(?:[0-9A-Fa-f]{2})+$/.test(value) ? encodedText(value) : unescaped(value);
  const folded = text.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();
  return `${TYPES.get(type) ?? type}=${JSON.stringify(folded)}`;
}

/** What `#` and hex stand for (RFC 4514, 2.4): a value in DER. */
function encodedText(value: string): string {
  try {
    return textOf(readElement(Buffer.from(value.slice(1), 'hex'))) ?? value;
  } catch (error) {
    if (error instanceof DerError) return value;
    throw error;
  }
}

/** Bytes in hex are of UTF-8 text. */
const unescaped = (value: string): string =>
  value
    .replace(/^"(.*)"$/s, '$1')
    .replaceAll(/((?:\\[0-9A-Fa-f]{2})+)|\\(.)/gs, (_, bytes: string | undefined, character = '') =>
      bytes === undefined ? character : Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString(),
    );
