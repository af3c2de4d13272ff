import type { Segment } from './content-ciphers.ts';
import { decryptionFailed } from './failures.ts';
import { ciphertextOf } from './plaintext-range.ts';
import { CONTEXT_SIZE, firstContext, SEGMENT_SIZE, segmentCount } from './segment-tags.ts';

/** Exactly `length` bytes of the ciphertext from `offset`. Not called for none. */
export type ReadCiphertext = (offset: number, length: number) => AsyncIterable<Uint8Array>;

/**
 * Segments `first` to `last`. Their bytes are good until the next one is asked for: those of the chunk they came in, if
 * they came in one. Throws DECRYPTION_FAILED when there are fewer or more bytes.
 */
export async function* readSegments(
  ciphertextSize: number,
  iv: Uint8Array,
  read: ReadCiphertext,
  first: number,
  last: number,
): AsyncGenerator<Segment, void> {
  const lastOfMedia = segmentCount(ciphertextSize) - 1;
  const { offset, length } = ciphertextOf({ first, last }, ciphertextSize);
  const previous = first === 0 ? firstContext(iv) : Buffer.alloc(CONTEXT_SIZE);
  let missingOfPrevious = first === 0 ? 0 : CONTEXT_SIZE;
  let index = first;
  if (length === 0) {
    yield { index, isLast: true, previous, ciphertext: Buffer.alloc(0) };
    return;
  }

  let stage: Buffer | undefined;
  let staged = 0;
  for await (const chunk of read(offset, length)) {
    for (let at = 0; at < chunk.length; ) {
      if (index > last) throw decryptionFailed({ check: 'ciphertext too long' });
      const size = Math.min(SEGMENT_SIZE, ciphertextSize - index * SEGMENT_SIZE);
      const part = chunk.subarray(at, at + (missingOfPrevious || size - staged));
      at += part.length;
      if (missingOfPrevious > 0) {
        previous.set(part, CONTEXT_SIZE - missingOfPrevious);
        missingOfPrevious -= part.length;
        continue;
      }
      let ciphertext = part;
      if (part.length < size) {
        stage ??= Buffer.allocUnsafeSlow(SEGMENT_SIZE);
        stage.set(part, staged);
        staged += part.length;
        if (staged < size) continue;
        ciphertext = stage.subarray(0, staged);
        staged = 0;
      }
      yield { index, isLast: index === lastOfMedia, previous, ciphertext };
      previous.set(ciphertext.subarray(-CONTEXT_SIZE));
      index += 1;
    }
  }
  if (index <= last) throw decryptionFailed({ check: 'ciphertext too short', segment: index });
}
