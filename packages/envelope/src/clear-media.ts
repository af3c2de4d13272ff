import { createSecretKey } from 'node:crypto';
import { createSummer } from './ciphertext-sums.ts';
import { keepWaveform } from './clear-waveform.ts';
import { decryptionFailed } from './failures.ts';
import { inSegments } from './in-segments.ts';
import { checkRange, isSize, type PlaintextRange, segmentsOf } from './plaintext-range.ts';
import { type ReadCiphertext, readSegments } from './read-segments.ts';
import { SEGMENT_SIZE, segmentCount, segmentTag, TAG_SIZE } from './segment-tags.ts';
import type { Waveform } from './waveform.ts';

/**
 * What must be kept beside a media file that is stored as it is, because its profile's policy has it so. Sizes in bytes;
 * both are the same. Its tags are made as those of sealed media, under a key of zeros: they find rot, and prove nothing
 * against an attacker, who knows that key as well.
 */
export interface ClearMedia {
  readonly suite: 'clear';
  readonly plaintextSize: number;
  readonly ciphertextSize: number;
  /** 16 bytes for every segment, in order. */
  readonly tags: Buffer;
  /** Of all bytes: see checksum.ts. */
  readonly checksum: string;
  /** How loud it is over its time: clear-waveform.ts. */
  readonly waveform?: Buffer | undefined;
}

/** Sums up one media file on its way into the store. */
export interface ClearKeeper {
  /**
   * The same bytes, as they come in. Holds two segments (256 KiB each) of them. The chunks that come out are the
   * consumer's to keep. Can be called once. Throws whatever the source throws.
   */
  keep(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void>;
  /** Once all has been read to its end, not before. */
  finish(): ClearMedia;
}

const NO_KEY = createSecretKey(Buffer.alloc(32));
const NO_IV = Buffer.alloc(16);

export interface ClearKeeperOptions {
  /** Asked once, when all of it has passed: what is to be kept beside it, if anything is. */
  readonly waveform?: () => Waveform | undefined;
}

export function createClearKeeper({ waveform }: ClearKeeperOptions = {}): ClearKeeper {
  let isUsed = false;
  let kept: ClearMedia | undefined;

  async function* keep(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
    if (isUsed) throw new Error('A clear keeper keeps one media file');
    isUsed = true;
    const sums = createSummer(NO_KEY, NO_IV);
    for await (const { bytes, isLast } of inSegments(source)) {
      sums.add(isLast, bytes);
      if (bytes.length > 0) yield Buffer.from(bytes);
    }
    const result = sums.result();
    const seen = waveform?.();
    const more = seen === undefined ? {} : { waveform: keepWaveform(seen) };
    kept = { suite: 'clear', plaintextSize: result.ciphertextSize, ...result, ...more };
  }

  const finish = (): ClearMedia => {
    if (kept === undefined) throw new Error('The media has not been read to its end');
    return kept;
  };
  return { keep, finish };
}

/**
 * A media file that was stored in clear, or a range of it, segment by segment: no byte leaves before its segment's tag was
 * right, and a range that reaches the end also reads the last segment. So what comes out is what was stored, as far as
 * rot goes. That nobody changed it on purpose, and that it ever was to be in clear, it does not prove: whoever plays it
 * asks the index as well. Reads the touched segments and 16 bytes before them, in one call of `read`.
 *
 * Throws, while being read, DECRYPTION_FAILED (what was yielded before is right, and is not the whole),
 * RANGE_NOT_SATISFIABLE, and whatever `read` throws.
 */
export async function* openClearMedia(
  media: Omit<ClearMedia, 'suite' | 'checksum' | 'waveform'>,
  read: ReadCiphertext,
  range: PlaintextRange = { offset: 0, length: media.plaintextSize },
): AsyncGenerator<Buffer, void> {
  const { plaintextSize: size, tags } = media;
  const fits = isSize(size) && media.ciphertextSize === size && tags.length === segmentCount(size) * TAG_SIZE;
  if (!fits) throw decryptionFailed({ check: 'sizes' });
  checkRange(range, size);
  const { first, last } = segmentsOf(range, media);
  for await (const segment of readSegments(size, NO_IV, read, first, last)) {
    const { index, isLast, previous, ciphertext } = segment;
    const tag = tags.subarray(index * TAG_SIZE, (index + 1) * TAG_SIZE);
    if (!segmentTag(NO_KEY, index, isLast, previous, ciphertext).equals(tag))
      throw decryptionFailed({ check: 'segment tag', segment: index });
    const start = index * SEGMENT_SIZE;
    const end = range.offset + range.length;
    const wanted = ciphertext.subarray(Math.max(range.offset - start, 0), Math.max(end - start, 0));
    if (wanted.length > 0) yield Buffer.from(wanted);
  }
}
