import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { CONTENT_CIPHERS, type ContentCipher, type Segment } from './content-ciphers.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';
import { isEnvelopeMac } from './envelope-mac.ts';
import { decryptionFailed } from './failures.ts';
import { deriveMediaKeys, type MediaKeys } from './media-keys.ts';
import { checkRange, isSize, type PlaintextRange, segmentsOf } from './plaintext-range.ts';
import { type ReadCiphertext, readSegments } from './read-segments.ts';
import type { EnvelopedMedia, TaggedMedia } from './sealed-media.ts';
import { SEGMENT_SIZE, segmentCount, segmentTag, TAG_SIZE } from './segment-tags.ts';

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
  const { first, last } = segmentsOf(range, media);
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

/** The keys of media whose envelope, sizes and number of tags are the ones it was sealed with. Throws DECRYPTION_FAILED. */
function checkMedia(
  media: TaggedMedia,
  dek: Uint8Array,
  envelope: Pick<Envelope, 'iv'>,
  cipher: ContentCipher,
): MediaKeys {
  const keys = checkEnvelope(media, dek, envelope, cipher);
  if (media.tags.length !== segmentCount(media.ciphertextSize) * TAG_SIZE)
    throw decryptionFailed({ check: 'sizes' });
  return keys;
}

/** The keys of media whose envelope and sizes are the ones it was sealed with. Throws DECRYPTION_FAILED. */
export function checkEnvelope(
  media: EnvelopedMedia,
  dek: Uint8Array,
  { iv }: Pick<Envelope, 'iv'>,
  cipher: ContentCipher,
): MediaKeys {
  const isMade = dek.length === cipher.keySize && isSize(media.plaintextSize) && isSize(media.ciphertextSize);
  if (!isMade) throw decryptionFailed({ check: 'sizes' });
  const keys = deriveMediaKeys(dek, iv, cipher.name, media.tagSalt);
  if (!isEnvelopeMac(media.envelopeMac, keys.macKey, media))
    throw decryptionFailed({ check: 'envelope MAC' });
  if (media.ciphertextSize !== cipher.ciphertextSize(media.plaintextSize))
    throw decryptionFailed({ check: 'sizes' });
  return keys;
}

function decrypt(cipher: ContentCipher, key: KeyObject, iv: Buffer, segment: Segment): Buffer {
  try {
    return cipher.decryptSegment(key, iv, segment);
  } catch {
    throw decryptionFailed({ check: 'content MAC or padding', segment: segment.index });
  }
}
