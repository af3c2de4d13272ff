import { SEGMENT_SIZE } from './segment-tags.ts';

/** The source cut into segments; there is always a last one, if only an empty one. Its buffer is used again for the next. */
export async function* inSegments(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly bytes: Buffer; readonly isLast: boolean }, void> {
  const buffer = Buffer.allocUnsafeSlow(SEGMENT_SIZE);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      // A full segment waits until more follows: the last one is another.
      if (filled === SEGMENT_SIZE) {
        yield { bytes: buffer, isLast: false };
        filled = 0;
      }
      const part = chunk.subarray(at, at + SEGMENT_SIZE - filled);
      buffer.set(part, filled);
      at += part.length;
      filled += part.length;
    }
  }
  yield { bytes: buffer.subarray(0, filled), isLast: true };
}
