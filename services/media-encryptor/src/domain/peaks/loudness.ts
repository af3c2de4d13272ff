import { A_LAW, type G711, MU_LAW } from './g711.ts';
import type { Encoding, WavFormat } from './wav-format.ts';

/**
 * Raises the byte of each channel in `loudest` to the loudest moment in bytes [from, to), which are whole frames: of a magnitude x, with
 * 1 as full scale, min(255, floor(256 x)).
 */
export type Raise = (format: WavFormat, loudest: Uint8Array, from: number, to: number) => void;

/** Of every `step`th sample from byte `from` to byte `to`. */
type Loudest = (from: number, to: number, step: number) => number;

/** Where sound is put to be looked at, beginning with a whole frame, and what looks at it there. */
export interface Desk {
  readonly bytes: Uint8Array;
  readonly raise: Raise;
}

const DESK_SIZE = 32 * 1024;
/** Of the codes of G.711. */
const SIGNLESS = 0x7f;

export function createDesk(): Desk {
  const bytes = new Uint8Array(DESK_SIZE);
  return { bytes, raise: createRaise(bytes) };
}

/** Of any of these formats, and of any number of channels. */
function createRaise(bytes: Uint8Array): Raise {
  const { buffer, byteOffset, length } = bytes;
  const shorts = new Int16Array(buffer, byteOffset, length / 2);
  const longs = new Int32Array(buffer, byteOffset, length / 4);
  const floats = new Float32Array(buffer, byteOffset, length / 4);
  const loudestOf: Readonly<Record<Encoding, Loudest>> = {
    pcm8: (from, to, step) => byteOf(furthest8(bytes, from, to, step) * 2),
    pcm16: (from, to, step) => byteOf(furthest(shorts, from / 2, to / 2, step) / 2 ** 7),
    pcm24: (from, to, step) => byteOf(furthest24(bytes, from, to, 3 * step) / 2 ** 15),
    pcm32: (from, to, step) => byteOf(furthest(longs, from / 4, to / 4, step) / 2 ** 23),
    float32: (from, to, step) => byteOf(furthest(floats, from / 4, to / 4, step) * 2 ** 8),
    'a-law': (from, to, step) => loudestCode(A_LAW, bytes, from, to, step),
    'mu-law': (from, to, step) => loudestCode(MU_LAW, bytes, from, to, step),
  };
  return ({ encoding, channels, frameSize }, loudest, from, to) => {
    for (let channel = 0; channel < channels; channel += 1) {
      const first = from + (channel * frameSize) / channels;
      const heard = loudestOf[encoding](first, to, channels);
      if (heard > (loudest[channel] ?? 0)) loudest[channel] = heard;
    }
  };
}

const byteOf = (magnitude: number): number => Math.min(255, Math.floor(magnitude));

/** What is no number is neither above nor below. */
function furthest(
  samples: Int16Array | Int32Array | Float32Array,
  from: number,
  to: number,
  step: number,
): number {
  let [low, high] = [0, 0];
  for (let at = from; at < to; at += step) {
    const sample = samples[at] as number;
    if (sample > high) high = sample;
    else if (sample < low) low = sample;
  }
  return Math.max(high, -low);
}

/** Unsigned, with 128 as silence. */
function furthest8(samples: Uint8Array, from: number, to: number, step: number): number {
  let [low, high] = [128, 128];
  for (let at = from; at < to; at += step) {
    const sample = samples[at] as number;
    if (sample > high) high = sample;
    else if (sample < low) low = sample;
  }
  return Math.max(high - 128, 128 - low);
}

function furthest24(bytes: Uint8Array, from: number, to: number, step: number): number {
  let [low, high] = [0, 0];
  for (let at = from; at < to; at += step) {
    const low16 = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    const sample = low16 | (((bytes[at + 2] as number) << 24) >> 8);
    if (sample > high) high = sample;
    else if (sample < low) low = sample;
  }
  return Math.max(high, -low);
}

function loudestCode(
  { turned, loudness }: G711,
  bytes: Uint8Array,
  from: number,
  to: number,
  step: number,
): number {
  let largest = 0;
  for (let at = from; at < to; at += step) {
    const code = ((bytes[at] as number) ^ turned) & SIGNLESS;
    if (code > largest) largest = code;
  }
  return loudness[largest] ?? 0;
}
