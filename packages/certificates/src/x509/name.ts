import { type Element, expectTag, TAG } from '../der.ts';
import { textOf } from '../distinguished-name.ts';
import { fieldsOf, listOf, oidOf } from './strict-der.ts';

/** A Name in the form it is compared in (RFC 5280, 7.1). `distinguishedName` shows one to people. */
export interface Name {
  readonly der: Buffer;
  /** One entry for each RelativeDistinguishedName, equal where the RFC calls them equal. */
  readonly parts: readonly string[];
  /** Of all parts: two names are the same when their keys are. */
  readonly key: string;
  /** Values of emailAddress, which constraints on e-mail addresses apply to as well. */
  readonly emails: readonly string[];
}

const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';
/** A real name has ten. */
const MAX_PARTS = 200;

/** Throws DerError. */
export function parseName(sequence: Element): Name {
  const sets = listOf(expectTag(sequence, TAG.sequence), 0, MAX_PARTS);
  const attributes = sets.map((set) => listOf(expectTag(set, TAG.set), 1, MAX_PARTS).map(parseAttribute));
  const parts = attributes.map(partKey);
  const emails = attributes.flat().flatMap(({ type, text = '' }) => (type === EMAIL_ADDRESS ? [text] : []));
  return { der: sequence.raw, parts, key: parts.join(','), emails };
}

/** One part alone, under a tag of its own. Throws DerError. */
export const parseNamePart = (set: Element): string => partKey(listOf(set, 1, MAX_PARTS).map(parseAttribute));

interface Attribute {
  readonly type: string;
  readonly text: string | undefined;
  readonly key: string;
}

function parseAttribute(attribute: Element): Attribute {
  const fields = fieldsOf(expectTag(attribute, TAG.sequence));
  const type = oidOf(fields.next(TAG.oid));
  const value = fields.any();
  fields.end();
  const text = textOf(value);
  // In quotes, so that no value can look like two.
  const comparable =
    text === undefined ? `#${value.raw.toString('hex')}` : `=${JSON.stringify(folded(text))}`;
  return { type, text, key: type + comparable };
}

/** Within a part there is no order. */
const partKey = (attributes: readonly Attribute[]): string =>
  attributes
    .map(({ key }) => key)
    .toSorted()
    .join('+');

/** RFC 4518 as far as it matters: compatible characters, case and runs of spaces are the same. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();

export const startsWith = (name: Name, prefix: Name): boolean =>
  prefix.parts.length <= name.parts.length && prefix.parts.every((part, i) => part === name.parts[i]);
