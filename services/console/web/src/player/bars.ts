/** A bar of a waveform: where it begins, how wide it is, and how high its peak is, 0 to 1. */
export interface Bar {
  readonly x: number;
  readonly width: number;
  readonly peak: number;
}

const BAR = 2;
const GAP = 1;

/**
 * Bars over a width in CSS pixels, each as high as the loudest of the peaks that it stands for; fewer and wider ones where there
 * are fewer peaks than places.
 * @param peaks 0 to 255 of full scale.
 */
export function barsOf(peaks: readonly number[], width: number): Bar[] {
  const places = Math.floor((width + GAP) / (BAR + GAP));
  const count = Math.min(places, peaks.length);
  if (count <= 0) return [];
  const pitch = (width + GAP) / count;
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * peaks.length) / count));
    return { x: index * pitch, width: pitch - GAP, peak: loudest(peaks, from, to) / 255 };
  });
}

function loudest(peaks: readonly number[], from: number, to: number): number {
  let most = 0;
  for (let i = from; i < to; i++) most = Math.max(most, peaks[i] ?? 0);
  return Math.min(most, 255);
}
