import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { CONTENT_CIPHERS, type ContentCipher, type Segment } from './content-ciphers.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';
import { isEnvelopeMac } from './envelope-mac.ts';
import { decryptionFailed } from './failures.ts';
import { deriveMediaKeys, type MediaKeys } from './media-keys.ts';
import { type ReadCiphertext, readSegments } from './read-segments.ts';
import type { TaggedMedia } from './sealed-media.ts';
import { SEGMENT_SIZE, segmentCount, segmentTag, TAG_SIZE } from './segment-tags.ts';

/** Bytes [offset, offset + length) of the plaintext. */
export interface PlaintextRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * The plaintext, or a range of it, segment by segment; nothing is read before the envelope's MAC was right, and no byte
 * leaves before its segment's tag verified. Reads the touched segments and 16 bytes before them, in one call of `read`; a
 * range that reaches the end of the media also reads its last segment, so that the end is proven to be the end. Holds two
 * segments in memory. The caller zeroes `dek` when the plaintext has been read.
 *
 * Throws, while being read, DECRYPTION_FAILED (what was yielded before is right, and is not the whole),
 * ENVELOPE_INVALID, RANGE_NOT_SATISFIABLE, and whatever `read` throws.
 */
export async function* openMedia(
  media: TaggedMedia,
  dek: Uint8Array,
  read: ReadCiphertext,
  range: PlaintextRange = { offset: 0, length: media.plaintextSize },
): AsyncGenerator<Buffer, void> {
  const envelope = parseEnvelope(media.envelope);
  const cipher = CONTENT_CIPHERS[envelope.cipher];
  const { contentKey, tagKey } = checkMedia(media, dek, envelope, cipher);
  checkRange(range, media.plaintextSize);

  const end = range.offset + range.length;
  const lastOfMedia = segmentCount(media.ciphertextSize) - 1;
  const first = Math.min(Math.floor(range.offset / SEGMENT_SIZE), lastOfMedia);
  const last =
    end === media.plaintextSize ? lastOfMedia : Math.floor(Math.max(end - 1, range.offset) / SEGMENT_SIZE);

  for await (const segment of readSegments(media.ciphertextSize, envelope.iv, read, first, last)) {
    const { index, isLast, previous, ciphertext } = segment;
    const tag = media.tags.subarray(index * TAG_SIZE, (index + 1) * TAG_SIZE);
    if (!timingSafeEqual(segmentTag(tagKey, index, isLast, previous, ciphertext), tag))
      throw decryptionFailed({ check: 'segment tag', segment: index });

    const start = index * SEGMENT_SIZE;
    const plaintext = decrypt(cipher, contentKey, envelope.iv, segment);
    if (isLast && start + plaintext.length !== media.plaintextSize)
      throw decryptionFailed({ check: 'sizes' });
    const wanted = plaintext.subarray(Math.max(range.offset - start, 0), Math.max(end - start, 0));
    // Whoever gets the range can wipe it, and nobody what lies around it.
    plaintext.fill(0, 0, wanted.byteOffset - plaintext.byteOffset);
    plaintext.fill(0, wanted.byteOffset - plaintext.byteOffset + wanted.length);
    if (wanted.length > 0) yield wanted;
  }
}

/** The keys of media whose envelope and sizes are the ones it was sealed with. Throws DECRYPTION_FAILED. */
export function checkMedia(
  media: TaggedMedia,
  dek: Uint8Array,
  { iv }: Pick<Envelope, 'iv'>,
  cipher: ContentCipher,
): MediaKeys {
  const isMade = dek.length === cipher.keySize && isSize(media.plaintextSize) && isSize(media.ciphertextSize);
  if (!isMade) throw decryptionFailed({ check: 'sizes' });
  const keys = deriveMediaKeys(dek, iv, cipher.name, media.tagSalt);
  if (!isEnvelopeMac(media.envelopeMac, keys.macKey, media))
    throw decryptionFailed({ check: 'envelope MAC' });
  const fits =
    media.ciphertextSize === cipher.ciphertextSize(media.plaintextSize) &&
    media.tags.length === segmentCount(media.ciphertextSize) * TAG_SIZE;
  if (!fits) throw decryptionFailed({ check: 'sizes' });
  return keys;
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function decrypt(cipher: ContentCipher, key: KeyObject, iv: Buffer, segment: Segment): Buffer {
  try {
    return cipher.decryptSegment(key, iv, segment);
  } catch {
    throw decryptionFailed({ check: 'content MAC or padding', segment: segment.index });
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
