/**
 * The little ASN.1 that certificates and envelopes need (X.690). Writing is DER. Reading takes DER and the BER
 * that real senders use (indefinite lengths, long-form lengths), always within the bytes given, and keeps every
 * element's original bytes, so that an issuer name is compared as its sender wrote it.
 */

/** Any malformed input. Callers turn it into their own AppError. */
export class DerError extends Error {}

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[n] IMPLICIT` of a primitive type, or with `constructed` of SEQUENCE, SET and every EXPLICIT tag. */
export const contextTag = (n: number, constructed = false): number => 0x80 | n | (constructed ? 0x20 : 0);

/** Tag and definite length of an element whose content is `size` bytes; sizes over 4 GiB are fine. */
export function elementHeader(tag: number, size: number): Buffer {
  if (size < 0x80) return Buffer.from([tag, size]);
  const digits: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([tag, 0x80 | digits.length, ...digits]);
}

export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const size = contents.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([elementHeader(tag, size), ...contents]);
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => element(TAG.sequence, ...contents);
export const octetString = (content: Uint8Array): Buffer => element(TAG.octetString, content);
export const utf8String = (text: string): Buffer => element(TAG.utf8String, Buffer.from(text));
export const nothing = (): Buffer => element(TAG.null);
/** Whole bytes only. */
export const bitString = (content: Uint8Array): Buffer => element(TAG.bitString, Buffer.of(0), content);

/** SET OF: DER wants the elements sorted by their bytes. */
export const setOf = (...contents: readonly Uint8Array[]): Buffer =>
  element(TAG.set, ...contents.toSorted(Buffer.compare));

/** A non-negative INTEGER from its big-endian bytes. */
export function integer(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const digits = magnitude.subarray(start);
  const signByte = (digits[0] ?? 0x80) >= 0x80 ? [Buffer.of(0)] : [];
  return element(TAG.integer, ...signByte, digits);
}

/** Those that this code names, a few dozen: an envelope has five of them. Not to be written into. */
const oids = new Map<string, Buffer>();

export function oid(dotted: string): Buffer {
  const known = oids.get(dotted);
  if (known !== undefined) return known;
  const encoded = encodeOid(dotted);
  oids.set(dotted, encoded);
  return encoded;
}

function encodeOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left % 128) | 0x80);
    }
    return digits;
  });
  return element(TAG.oid, Buffer.from(bytes));
}

/**
 * UTCTime from 1950 to 2049, which is as far as its two digits reach, and GeneralizedTime otherwise (RFC 5280, 4.1.2.5), in
 * whole seconds. Throws RangeError for years without four digits.
 */
export function time(at: Date): Buffer {
  const year = at.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError('This is no time that ASN.1 can write');
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  return year >= 1950 && year < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2)))
    : element(TAG.generalizedTime, Buffer.from(digits));
}

export interface Element {
  readonly tag: number;
  /** Tag, length and content as they were written. */
  readonly raw: Buffer;
  readonly content: Buffer;
}

/** Nesting of indefinite lengths that is followed. Envelopes need 5. */
const MAX_DEPTH = 16;

/** The element that starts at `offset`; what follows it is the caller's. */
export function readElement(bytes: Buffer, offset = 0): Element {
  const { tag, start, end, after } = extentOf(bytes, offset, 0);
  return { tag, raw: bytes.subarray(offset, after), content: bytes.subarray(start, end) };
}

/** Where an element's content begins and ends, and where what follows it begins. */
interface Extent {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  readonly after: number;
}

/** In numbers only: of a million elements inside an indefinite length, making a Buffer of each would take a second. */
function extentOf(bytes: Buffer, offset: number, depth: number): Extent {
  const tag = bytes[offset];
  const lengthByte = bytes[offset + 1];
  if (tag === undefined || lengthByte === undefined) throw new DerError('ends inside an element');
  if ((tag & 0x1f) === 0x1f) throw new DerError('has a tag number over 30');
  let start = offset + 2;
  if (lengthByte === 0x80) {
    if ((tag & 0x20) === 0 || depth >= MAX_DEPTH) throw new DerError('has an indefinite length out of place');
    let end = start;
    while (bytes[end] !== 0 || bytes[end + 1] !== 0) end = extentOf(bytes, end, depth + 1).after;
    return { tag, start, end, after: end + 2 };
  }
  let size = lengthByte;
  if (lengthByte > 0x80) {
    const digits = lengthByte & 0x7f;
    if (digits > 6 || start + digits > bytes.length) throw new DerError('has an impossible length');
    size = bytes.readUIntBE(start, digits);
    start += digits;
  }
  if (size > bytes.length - start) throw new DerError('has a length past its end');
  return { tag, start, end: start + size, after: start + size };
}

/** Exactly one element, with nothing after it. */
export function readOnly(bytes: Buffer, tag: number): Element {
  const found = expectTag(readElement(bytes), tag);
  if (found.raw.length !== bytes.length) throw new DerError('has bytes after its end');
  return found;
}

/** The elements inside a constructed one, at most `max` of them. */
export function children(parent: Element, max = 1000): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < parent.content.length; ) {
    if (found.length === max) throw new DerError('has too many elements');
    const child = readElement(parent.content, at);
    found.push(child);
    at += child.raw.length;
  }
  return found;
}

export function expectTag(found: Element | undefined, tag: number): Element {
  if (found?.tag !== tag) throw new DerError(`lacks the element with tag 0x${tag.toString(16)}`);
  return found;
}
