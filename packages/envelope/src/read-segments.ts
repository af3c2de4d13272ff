import type { Segment } from './content-ciphers.ts';
import { decryptionFailed } from './failures.ts';
import { CONTEXT_SIZE, firstContext, SEGMENT_SIZE, segmentCount } from './segment-tags.ts';

/** Exactly `length` bytes of the ciphertext from `offset`. Not called for none. */
export type ReadCiphertext = (offset: number, length: number) => AsyncIterable<Uint8Array>;

/** Segments `first` to `last`. The buffers are used again for the next one. Throws DECRYPTION_FAILED for other lengths. */
export async function* readSegments(
  ciphertextSize: number,
  iv: Buffer,
  read: ReadCiphertext,
  first: number,
  last: number,
): AsyncGenerator<Segment, void> {
  const buffer = Buffer.allocUnsafeSlow(CONTEXT_SIZE + Math.min(SEGMENT_SIZE, ciphertextSize));
  const start = first === 0 ? 0 : first * SEGMENT_SIZE - CONTEXT_SIZE;
  const stop = Math.min((last + 1) * SEGMENT_SIZE, ciphertextSize);
  if (first === 0) buffer.set(firstContext(iv));
  let filled = first === 0 ? CONTEXT_SIZE : 0;
  let index = first;
  const size = (): number => Math.min(SEGMENT_SIZE, ciphertextSize - index * SEGMENT_SIZE);
  const segment = (): Segment => ({
    index,
    isLast: index === segmentCount(ciphertextSize) - 1,
    previous: buffer.subarray(0, CONTEXT_SIZE),
    ciphertext: buffer.subarray(CONTEXT_SIZE, filled),
  });

  if (stop === start) {
    yield segment();
    return;
  }
  for await (const chunk of read(start, stop - start)) {
    for (let at = 0; at < chunk.length; ) {
      if (index > last) throw decryptionFailed({ check: 'ciphertext too long' });
      const part = chunk.subarray(at, at + CONTEXT_SIZE + size() - filled);
      buffer.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < CONTEXT_SIZE + size()) continue;
      yield segment();
      buffer.copy(buffer, 0, filled - CONTEXT_SIZE, filled);
      filled = CONTEXT_SIZE;
      index += 1;
    }
  }
  if (index <= last) throw decryptionFailed({ check: 'ciphertext too short', segment: index });
}
