import type { PeakMeter } from './domain/peaks/peak-meter.ts';

/** The media as it is, seen by the meter as it passes. */
export async function* measurePeaks(
  media: AsyncIterable<Uint8Array>,
  meter: Pick<PeakMeter, 'add'>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of media) {
    meter.add(chunk);
    yield chunk;
  }
}
