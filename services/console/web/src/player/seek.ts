const STEP = 5;
const LARGE_STEP = 30;

/** Where a key goes in a recording, in seconds; undefined of keys that go nowhere. Those of a slider (ARIA authoring practices). */
export function seekByKey(key: string, at: number, duration: number): number | undefined {
  const by: Readonly<Record<string, number>> = {
    ArrowRight: at + STEP,
    ArrowUp: at + STEP,
    ArrowLeft: at - STEP,
    ArrowDown: at - STEP,
    PageUp: at + LARGE_STEP,
    PageDown: at - LARGE_STEP,
    Home: 0,
    End: duration,
  };
  const wanted = Object.hasOwn(by, key) ? by[key] : undefined;
  return wanted === undefined ? undefined : clamp(wanted, duration);
}

/** Where a point of a waveform is in its recording, in seconds. */
export const seekByPoint = (x: number, width: number, duration: number): number =>
  width <= 0 ? 0 : clamp((x / width) * duration, duration);

const clamp = (at: number, duration: number): number => Math.min(Math.max(at, 0), duration);
