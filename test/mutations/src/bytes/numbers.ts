import { crc32 } from 'node:zlib';

/** Each answer is from 0 to `limit` − 1. */
export type Numbers = (limit: number) => number;

/** The same numbers for the same seed, in every run: xorshift32 (Marsaglia 2003). */
export function createNumbers(seed: string): Numbers {
  let state = crc32(seed) | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
