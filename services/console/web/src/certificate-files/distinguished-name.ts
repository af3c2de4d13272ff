import { children, type Element, expectTag, hexOf, oidOf, TAG } from './der.ts';

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
  '2.5.4.42': 'GN',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

const utf8 = new TextDecoder('utf-8');
const latin1 = new TextDecoder('windows-1252');
const utf16 = new TextDecoder('utf-16be');
const DECODERS: Readonly<Record<number, TextDecoder>> = {
  12: utf8,
  18: latin1,
  19: latin1,
  20: latin1,
  22: latin1,
  26: latin1,
  30: utf16,
};

const SPECIAL = /["+,;<>\\]|^[ #]| $/gu;
/** What would turn the direction of what follows, or hide it. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A Name as an RFC 4514 string such as `CN=Recording,O=Example`. Throws DerError. */
export const distinguishedName = (name: Element): string =>
  partsOf(name)
    .toReversed()
    .map((attributes) => attributes.map(({ type, text }) => `${type}=${escaped(text)}`).join('+'))
    .join(',');

/** What people call its owner: its common name, or what there is instead. Throws DerError. */
export function subjectNameOf(name: Element): string {
  const attributes = partsOf(name).flat().toReversed();
  for (const wanted of ['CN', 'O', 'OU', 'UID', 'emailAddress', 'serialNumber']) {
    const text = attributes.find(({ type }) => type === wanted)?.text.trim();
    if (text !== undefined && text !== '') return text.replaceAll(UNPRINTABLE, '\ufffd');
  }
  return distinguishedName(name);
}

const partsOf = (name: Element) =>
  children(expectTag(name, TAG.sequence)).map((set) =>
    children(expectTag(set, TAG.set)).map((attribute) => {
      const [type, value] = children(attribute);
      const oid = oidOf(type);
      return { type: TYPES[oid] ?? oid, text: textOf(value) };
    }),
  );

function textOf(value: Element | undefined): string {
  if (value === undefined) return '';
  return DECODERS[value.tag]?.decode(value.content) ?? `#${hexOf(value.raw).toUpperCase()}`;
}

const escaped = (text: string): string => text.replaceAll(SPECIAL, '\\$&').replaceAll(UNPRINTABLE, '\ufffd');
