import { timingSafeEqual } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { decryptionFailed } from './failures.ts';
import {
  CONTEXT_SIZE,
  deriveTagKey,
  SEGMENT_SIZE,
  segmentCount,
  segmentTag,
  TAG_SIZE,
} from './segment-tags.ts';
import type { Segment, SuiteName } from './suites/suite.ts';
import { SUITES } from './suites/suites.ts';

/** A media file's manifest entry has most of this; `iv` comes from its envelope. Sizes in bytes. */
export interface MediaToOpen {
  readonly suite: SuiteName;
  readonly iv: Buffer;
  /** The caller zeroes it when the plaintext has been read. */
  readonly dek: Buffer;
  readonly plaintextSize: number;
  readonly ciphertextSize: number;
  readonly tags: Buffer;
}

/** Exactly `length` bytes of the ciphertext from `offset`. */
export type ReadCiphertext = (offset: number, length: number) => AsyncIterable<Uint8Array>;

/** Bytes [offset, offset + length) of the plaintext. */
export interface PlaintextRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * The plaintext, or a range of it, segment by segment; no byte leaves before its segment's tag verified. Reads the
 * touched segments and 16 bytes before them, in one call of `read`; a range that reaches the end of the media also
 * reads its last segment, so that the end is proven to be the end. Holds two segments in memory.
 *
 * Throws, while being read, DECRYPTION_FAILED (what was yielded before is right, and is not the whole),
 * RANGE_NOT_SATISFIABLE, and whatever `read` throws.
 */
export async function* openMedia(
  media: MediaToOpen,
  read: ReadCiphertext,
  range: PlaintextRange = { offset: 0, length: media.plaintextSize },
): AsyncGenerator<Buffer, void> {
  const suite = SUITES[media.suite];
  checkRange(range, media.plaintextSize);
  checkSizes(media, suite.ciphertextSize(media.plaintextSize));

  const end = range.offset + range.length;
  const lastOfMedia = segmentCount(media.ciphertextSize) - 1;
  const first = Math.min(Math.floor(range.offset / SEGMENT_SIZE), lastOfMedia);
  const last =
    end === media.plaintextSize ? lastOfMedia : Math.floor(Math.max(end - 1, range.offset) / SEGMENT_SIZE);

  const tagKey = deriveTagKey(media.dek, media.iv, media.suite);
  for await (const segment of readSegments(media, read, first, last)) {
    const { index, isLast, previous, ciphertext } = segment;
    const tag = media.tags.subarray(index * TAG_SIZE, (index + 1) * TAG_SIZE);
    if (!timingSafeEqual(segmentTag(tagKey, index, isLast, previous, ciphertext), tag))
      throw decryptionFailed();

    const start = index * SEGMENT_SIZE;
    const plaintext = decrypt(() => suite.decryptSegment(media.dek, media.iv, segment));
    if (isLast && start + plaintext.length !== media.plaintextSize) throw decryptionFailed();
    const wanted = plaintext.subarray(Math.max(range.offset - start, 0), Math.max(end - start, 0));
    if (wanted.length > 0) yield wanted;
  }
}

/** Segments `first` to `last`. The buffers are used again for the next one. */
async function* readSegments(
  { iv, ciphertextSize }: MediaToOpen,
  read: ReadCiphertext,
  first: number,
  last: number,
): AsyncGenerator<Segment, void> {
  const buffer = Buffer.allocUnsafeSlow(CONTEXT_SIZE + SEGMENT_SIZE);
  const previous = buffer.subarray(0, CONTEXT_SIZE);
  const start = first === 0 ? 0 : first * SEGMENT_SIZE - CONTEXT_SIZE;
  const stop = Math.min((last + 1) * SEGMENT_SIZE, ciphertextSize);
  if (first === 0) previous.fill(0).set(iv, CONTEXT_SIZE - iv.length);
  let filled = first === 0 ? CONTEXT_SIZE : 0;
  let index = first;
  const size = (): number => Math.min(SEGMENT_SIZE, ciphertextSize - index * SEGMENT_SIZE);

  for await (const chunk of read(start, stop - start)) {
    for (let at = 0; at < chunk.length; ) {
      if (index > last) throw decryptionFailed();
      const part = chunk.subarray(at, at + CONTEXT_SIZE + size() - filled);
      buffer.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < CONTEXT_SIZE + size()) continue;
      const isLast = index * SEGMENT_SIZE + size() === ciphertextSize;
      yield { index, isLast, previous, ciphertext: buffer.subarray(CONTEXT_SIZE, filled) };
      buffer.copy(buffer, 0, filled - CONTEXT_SIZE, filled);
      filled = CONTEXT_SIZE;
      index += 1;
    }
  }
  if (index <= last) throw decryptionFailed();
}

function decrypt(run: () => Buffer): Buffer {
  try {
    return run();
  } catch {
    throw decryptionFailed();
  }
}

function checkRange({ offset, length }: PlaintextRange, size: number): void {
  const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (isWhole && offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new AppError('RANGE_NOT_SATISFIABLE', `The range is not within the ${size} bytes of the media`, {
    fix: `Ask for a range that ends at or before ${size}.`,
    details: { size: String(size) },
  });
}

function checkSizes({ ciphertextSize, iv, dek, tags, suite }: MediaToOpen, expected: number): void {
  const fits = ciphertextSize === expected && tags.length === segmentCount(ciphertextSize) * TAG_SIZE;
  if (!fits || iv.length !== SUITES[suite].ivSize || dek.length !== 32) throw decryptionFailed();
}
