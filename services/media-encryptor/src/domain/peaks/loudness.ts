import { A_LAW, MU_LAW } from './g711.ts';
import { createPlainRaise, type Raise } from './plain-loudness.ts';
import { createVectors, VECTOR_SIZE, type Vectors } from './vectors.ts';
import type { WavFormat } from './wav-format.ts';

/** Where sound is put to be looked at, beginning with a whole frame, and what looks at it there. */
export interface Desk {
  readonly bytes: Uint8Array;
  readonly raise: Raise;
}

const DESK_SIZE = 32 * 1024;
/** Behind what the vectors leave. */
const BEGIN = 64;
/** The bit in which a sample of 8 bits, with 128 as silence, differs from a signed one. */
const UNSIGNED = 0x80;
/** Fewer bytes take no longer without them. */
const MIN_FOR_VECTORS = 16 * VECTOR_SIZE;

export function createDesk(vectors: Vectors | undefined = createVectors()): Desk {
  const memory = vectors?.memory ?? new Uint8Array(BEGIN + DESK_SIZE);
  const bytes = memory.subarray(BEGIN, BEGIN + DESK_SIZE);
  const plain = createPlainRaise(bytes);
  if (vectors === undefined) return { bytes, raise: plain };
  const fast = createFastRaise(vectors);
  const raise: Raise = (format, loudest, from, to) => {
    const until = areForVectors(format) ? to - ((to - from) % VECTOR_SIZE) : from;
    if (until - from < MIN_FOR_VECTORS) return plain(format, loudest, from, to);
    fast(format, loudest, from, until);
    if (until < to) plain(format, loudest, until, to);
  };
  return { bytes, raise };
}

/** As many lanes for each channel. */
const areForVectors = ({ encoding, channels }: WavFormat): boolean =>
  8 % channels === 0 && ['pcm8', 'pcm16', 'a-law', 'mu-law'].includes(encoding);

/** Of those alone. */
function createFastRaise({ memory, largest16, largest8, largest7 }: Vectors): Raise {
  const lanes16 = new Uint16Array(memory.buffer, 0, VECTOR_SIZE / 2);
  const lanes8 = new Uint8Array(memory.buffer, 0, VECTOR_SIZE);
  return ({ encoding, channels }, loudest, from, to) => {
    const raise = (lane: number, heard: number) => {
      if (heard > (loudest[lane % channels] ?? 0)) loudest[lane % channels] = heard;
    };
    const [first, last] = [BEGIN + from, BEGIN + to];
    if (encoding === 'pcm16') {
      largest16(first, last);
      for (const [lane, largest] of lanes16.entries()) raise(lane, Math.min(255, largest >> 7));
    } else if (encoding === 'pcm8') {
      largest8(first, last, UNSIGNED);
      for (const [lane, largest] of lanes8.entries()) raise(lane, Math.min(255, largest << 1));
    } else {
      const { turned, loudness } = encoding === 'a-law' ? A_LAW : MU_LAW;
      largest7(first, last, turned);
      for (const [lane, largest] of lanes8.entries()) raise(lane, loudness[largest] ?? 0);
    }
  };
}
