/** What a Range header asks for: bytes from an offset on, or the last ones. */
export type WantedRange =
  | { readonly offset: number; readonly length: number | undefined }
  | { readonly last: number };

const ONE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/**
 * A Range header (RFC 9110, 14.2) that asks for one range of bytes. Undefined for none, for several, for other units and
 * for what is malformed: each of those may be ignored, and then everything is the answer.
 */
export function parseRange(header: string | undefined): WantedRange | undefined {
  const [, first, last] = ONE_RANGE.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return { last: numberOf(last) };
  const offset = numberOf(first);
  if (last === '') return { offset, length: undefined };
  const end = numberOf(last);
  // Both so large that they cannot be told apart are further than any recording goes.
  return end < offset ? undefined : { offset, length: Math.min(end - offset + 1, Number.MAX_SAFE_INTEGER) };
}

/** As many digits as somebody likes; past all recordings one number is as good as another. */
const numberOf = (digits: string): number => Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
