import { DerError } from '@sealtrack/certificates/der';

/** Tag and length of an element (X.690, 8.1). */
export interface BerHeader {
  readonly tag: number;
  /** Bytes of content; undefined when it goes up to an end-of-contents. */
  readonly size: number | undefined;
  /** Where the element begins, in bytes from the beginning of the input. */
  readonly start: number;
}

export const isConstructed = (tag: number): boolean => (tag & 0x20) !== 0;

const HIGH_TAG_NUMBER = 0x1f;
const INDEFINITE = 0x80;
const MAX_LENGTH_DIGITS = 8;
/** 256 TiB: sums of such sizes are exact in a number. */
const MAX_SIZE = 2 ** 48;

/**
 * Takes a header byte by byte, and answers the last one with the header. `offset` is the byte's place in the input.
 * Throws DerError.
 */
export function createHeaderParser(): (byte: number, offset: number) => BerHeader | undefined {
  let tag: number | undefined;
  let start = 0;
  let size = 0;
  let digits = 0;

  const finish = (contentSize: number | undefined): BerHeader => {
    const header = { tag: tag ?? 0, size: contentSize, start };
    tag = undefined;
    size = 0;
    return header;
  };

  const begin = (byte: number, offset: number): undefined => {
    if ((byte & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) throw new DerError('has a tag number over 30');
    tag = byte;
    start = offset;
    digits = 0;
  };

  const takeLength = (byte: number): BerHeader | undefined => {
    if (byte < INDEFINITE) return finish(byte);
    if (byte === INDEFINITE) {
      if (!isConstructed(tag ?? 0)) throw new DerError('has an indefinite length out of place');
      return finish(undefined);
    }
    digits = byte - INDEFINITE;
    if (digits > MAX_LENGTH_DIGITS) throw new DerError('has an impossible length');
    return undefined;
  };

  return (byte, offset) => {
    if (tag === undefined) return begin(byte, offset);
    if (digits === 0) return takeLength(byte);
    size = size * 256 + byte;
    if (size >= MAX_SIZE) throw new DerError('has an impossible length');
    digits -= 1;
    return digits === 0 ? finish(size) : undefined;
  };
}
