/** The little ASN.1 that it takes to show people what is in a file they chose. Everything is judged by the crypto server. */

export class DerError extends Error {}

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[n]` of something constructed. */
export const contextTag = (n: number): number => 0xa0 | n;

export interface Element {
  readonly tag: number;
  /** With tag and length. */
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
}

/** Nesting of indefinite lengths, which some exports of Windows and Java have. */
const MAX_DEPTH = 12;
const MAX_CHILDREN = 2000;

/** The element at `offset`; what follows is the caller's. Throws DerError. */
export function readElement(bytes: Uint8Array, offset = 0, depth = 0): Element {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new DerError('is cut short');
  if (first === 0x80) return readIndefinite(bytes, offset, depth);
  const digits = first > 0x80 ? first & 0x7f : 0;
  if (digits > 4) throw new DerError('has an impossible length');
  let size = digits === 0 ? first : 0;
  for (let i = 0; i < digits; i++) size = size * 256 + (bytes[offset + 2 + i] ?? 0);
  const start = offset + 2 + digits;
  if (start + size > bytes.length) throw new DerError('has a length past its end');
  return { tag, raw: bytes.subarray(offset, start + size), content: bytes.subarray(start, start + size) };
}

function readIndefinite(bytes: Uint8Array, offset: number, depth: number): Element {
  if (depth === MAX_DEPTH) throw new DerError('is nested too deeply');
  let end = offset + 2;
  while (bytes[end] !== 0 || bytes[end + 1] !== 0) end += readElement(bytes, end, depth + 1).raw.length;
  return {
    tag: bytes[offset] ?? 0,
    raw: bytes.subarray(offset, end + 2),
    content: bytes.subarray(offset + 2, end),
  };
}

/** What is inside of a constructed element. Throws DerError. */
export function children(parent: Element | undefined): Element[] {
  const { content } = parent ?? missing();
  const found: Element[] = [];
  for (let at = 0; at < content.length; ) {
    if (found.length === MAX_CHILDREN) throw new DerError('has too many elements');
    const child = readElement(content, at);
    found.push(child);
    at += child.raw.length;
  }
  return found;
}

/** Throws DerError unless it is one of this kind. */
export function expectTag(found: Element | undefined, tag: number): Element {
  if (found?.tag !== tag) throw new DerError(`lacks the element with tag 0x${tag.toString(16)}`);
  return found;
}

const missing = (): never => {
  throw new DerError('lacks an element');
};

/** Such as "1.2.840.113549.1.1.1". Throws DerError. */
export function oidOf(found: Element | undefined): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of expectTag(found, TAG.oid).content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...rest].join('.');
}

/** The bytes of a non-negative INTEGER, without the zero that says so. */
export function magnitudeOf(found: Element | undefined): Uint8Array {
  const { content } = expectTag(found, TAG.integer);
  return content[0] === 0 && content.length > 1 ? content.subarray(1) : content;
}

export const bitsOf = (magnitude: Uint8Array): number =>
  magnitude.length === 0 ? 0 : (magnitude.length - 1) * 8 + (32 - Math.clz32(magnitude[0] ?? 0));

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** UTCTime or GeneralizedTime in whole seconds of UTC (RFC 5280, 4.1.2.5). Throws DerError. */
export function timeOf(found: Element | undefined): Date {
  const { tag, content } = found ?? missing();
  const digits = String.fromCharCode(...content.subarray(0, 20));
  const year = tag === TAG.utcTime ? `${Number(digits.slice(0, 2)) < 50 ? '20' : '19'}${digits}` : digits;
  const [, y, month, day, hour, minute, second = '00'] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(year) ?? [];
  const at = new Date(`${y}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at.getTime())) throw new DerError('has a time that is none');
  return at;
}
