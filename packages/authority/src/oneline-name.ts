import { children, DerError, type Element, expectTag, readOnly, TAG } from '@sealtrack/certificates/der';
import { oidOf } from '@sealtrack/certificates/der-values';
import { attributeType } from '@sealtrack/certificates/distinguished-name';

/**
 * A Name in DER as `/C=DE/CN=name`, byte for byte as OpenSSL writes it into its database (X509_NAME_oneline). Throws
 * DerError.
 */
export const onelineName = (der: Buffer): string =>
  children(readOnly(der, TAG.sequence))
    .map((set) => `/${children(expectTag(set, TAG.set)).map(attribute).join('+')}`)
    .join('');

function attribute(typeAndValue: Element): string {
  const [type, value] = children(expectTag(typeAndValue, TAG.sequence), 2);
  if (value === undefined) throw new DerError('has an attribute without a value');
  return `${attributeType(oidOf(type))}=${[...value.content].map(character).join('')}`;
}

function character(byte: number): string {
  if (byte < 0x20 || byte > 0x7e) return `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  const text = String.fromCharCode(byte);
  return text === '/' || text === '+' ? `\\${text}` : text;
}
