import { DerError, type Element, expectTag, readElement, TAG } from '../der.ts';
import { dotted } from '../distinguished-name.ts';

/**
 * DER as X.690 has it, and nothing else of BER: what is signed has one encoding, or two parsers may see two certificates.
 * One leniency, because half the world's CAs write it: a DEFAULT FALSE that is spelt out.
 */
export function readStrict(bytes: Buffer, offset = 0): Element {
  const found = readElement(bytes, offset);
  const header = found.raw.length - found.content.length;
  if (bytes[offset + 1] === 0x80 || header !== headerSize(found.content.length)) {
    throw new DerError('has a length that is not DER');
  }
  return found;
}

function headerSize(size: number): number {
  if (size < 0x80) return 2;
  let digits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) digits += 1;
  return 2 + digits;
}

/** Exactly one element, with nothing after it. */
export function readStrictOnly(bytes: Buffer, tag: number): Element {
  const found = expectTag(readStrict(bytes), tag);
  if (found.raw.length !== bytes.length) throw new DerError('has bytes after its end');
  return found;
}

/** Far over any real list; under what would take long. */
const MAX_LIST = 1000;

/** What a SEQUENCE OF or SET OF has inside. RFC 5280 gives nearly all of them at least one. */
export function listOf(parent: Element, min = 1, max = MAX_LIST): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < parent.content.length; ) {
    if (found.length === max) throw new DerError(`has more than ${max} elements in a list`);
    const child = readStrict(parent.content, at);
    found.push(child);
    at += child.raw.length;
  }
  if (found.length < min) throw new DerError('has an empty list');
  return found;
}

/** Takes the elements of a SEQUENCE one after the other. */
export interface Fields {
  next(tag: number): Element;
  optional(tag: number): Element | undefined;
  any(): Element;
  /** Throws when something is left. */
  end(): void;
}

export function fieldsOf(parent: Element): Fields {
  const { content } = parent;
  let at = 0;
  const any = (): Element => {
    const found = readStrict(content, at);
    at += found.raw.length;
    return found;
  };
  return {
    any,
    next: (tag) => expectTag(any(), tag),
    optional: (tag) => (content[at] === tag ? any() : undefined),
    end: () => {
      if (at < content.length) throw new DerError('has an element too many');
    },
  };
}

export function booleanOf({ content }: Element): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) {
    throw new DerError('has a BOOLEAN that is not DER');
  }
  return content[0] === 0xff;
}

/** An INTEGER's content, in its shortest form. */
export function integerOf({ content }: Element): Buffer {
  const [first, second = 0] = content;
  const isPadded =
    content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (first === undefined || isPadded) throw new DerError('has an INTEGER that is not DER');
  return content;
}

/** From 0 to 2^31 - 1. */
export function smallIntegerOf(found: Element): number {
  const content = integerOf(found);
  if ((content[0] ?? 0) >= 0x80 || content.length > 4) throw new DerError('has an INTEGER out of bounds');
  return content.readUIntBE(0, content.length);
}

/** Of a BIT STRING that has no whole bytes only: which bits are set. */
export function namedBitsOf({ content }: Element): ReadonlySet<number> {
  const unused = content[0] ?? 8;
  if (unused > 7 || (content.length === 1 && unused > 0) || content.length > 9) {
    throw new DerError('has a malformed BIT STRING');
  }
  const bits = new Set<number>();
  for (let bit = 0; bit < (content.length - 1) * 8; bit += 1) {
    if (((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.add(bit);
  }
  const length = (content.length - 1) * 8 - unused;
  if ([...bits].some((bit) => bit >= length)) throw new DerError('has a BIT STRING that is not DER');
  return bits;
}

/** Of a BIT STRING of whole bytes, as keys and signatures are. */
export function bytesOfBits({ content }: Element): Buffer {
  if (content[0] !== 0) throw new DerError('has a BIT STRING without whole bytes');
  return content.subarray(1);
}

export function oidOf(found: Element): string {
  const { content } = expectTag(found, TAG.oid);
  const isPadded = content.some((byte, i) => byte === 0x80 && (i === 0 || (content[i - 1] ?? 0) < 0x80));
  if (isPadded) throw new DerError('has an OBJECT IDENTIFIER that is not DER');
  return dotted(content);
}

/** IA5String of whatever tag: ASCII, without control characters. */
export function asciiOf({ content }: Element): string {
  if (content.some((byte) => byte < 0x20 || byte > 0x7e)) throw new DerError('has a name that is not ASCII');
  return content.toString('latin1');
}

/** Milliseconds of a UTCTime or GeneralizedTime in the one form RFC 5280 allows (4.1.2.5): seconds, and in UTC. */
export function timeOf({ tag, content }: Element): number {
  const text = content.toString('latin1');
  const parts = (
    tag === TAG.utcTime ? UTC_TIME : tag === TAG.generalizedTime ? GENERALIZED_TIME : NEVER
  ).exec(text);
  if (parts === null) throw new DerError('has a malformed date');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const fullYear = tag === TAG.generalizedTime ? year : year < 50 ? 2000 + year : 1900 + year;
  const at = new Date(0);
  at.setUTCFullYear(fullYear, month - 1, day);
  at.setUTCHours(hour, minute, second);
  const isReal = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60;
  if (!isReal || second > 59) throw new DerError('has a date that there is not');
  return at.getTime();
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const NEVER = /$^/;
