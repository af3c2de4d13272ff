import { AppError } from '@sealtrack/errors/app-error';
import type { SealedMedia } from './sealed-media.ts';
import { CONTEXT_SIZE, SEGMENT_SIZE, segmentCount } from './segment-tags.ts';

/** Bytes [offset, offset + length) of the plaintext. */
export interface PlaintextRange {
  readonly offset: number;
  readonly length: number;
}

/** @throws AppError RANGE_NOT_SATISFIABLE when there are not as many bytes. */
export function checkRange({ offset, length }: PlaintextRange, size: number): void {
  const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (isWhole && offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new AppError('RANGE_NOT_SATISFIABLE', `The range is not within the ${size} bytes of the media`, {
    fix: `Ask for a range that ends at or before ${size}.`,
    details: { size: String(size) },
  });
}

/** The segments that a range touches; with its end, the last of the media, so that the end is proven to be the end. */
export function segmentsOf(
  { offset, length }: PlaintextRange,
  { plaintextSize, ciphertextSize }: Pick<SealedMedia, 'plaintextSize' | 'ciphertextSize'>,
): { readonly first: number; readonly last: number } {
  const end = offset + length;
  const lastOfMedia = segmentCount(ciphertextSize) - 1;
  return {
    first: Math.min(Math.floor(offset / SEGMENT_SIZE), lastOfMedia),
    last: end === plaintextSize ? lastOfMedia : Math.floor(Math.max(end - 1, offset) / SEGMENT_SIZE),
  };
}

/** The bytes of the ciphertext in those segments, with the 16 before them that the first one's tag covers too. */
export function ciphertextOf(
  { first, last }: { readonly first: number; readonly last: number },
  ciphertextSize: number,
): { readonly offset: number; readonly length: number } {
  const offset = first === 0 ? 0 : first * SEGMENT_SIZE - CONTEXT_SIZE;
  return { offset, length: Math.min((last + 1) * SEGMENT_SIZE, ciphertextSize) - offset };
}

export const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
