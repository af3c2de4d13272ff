import { hash } from 'node:crypto';
import { rehashSha1 } from './sha1-rounds.ts';

/** Other work gets its turn after so many rounds: some milliseconds. */
const ROUNDS_A_TURN = 10_000;

/** The hash of the hash of `digest`, and so on, `times` times. Takes `digest` over; the caller zeroes the result. */
export async function rehash(name: string, digest: Buffer, times: number): Promise<Buffer> {
  let current = digest;
  for (let left = times; left > 0; left -= ROUNDS_A_TURN) {
    const now = Math.min(left, ROUNDS_A_TURN);
    if (name === 'sha1') rehashInPlace(current, now);
    else
      for (let i = 0; i < now; i++) {
        const next = hash(name, current, 'buffer');
        current.fill(0);
        current = next;
      }
    if (left > now) await new Promise((resolve) => setImmediate(resolve));
  }
  return current;
}

function rehashInPlace(digest: Buffer, times: number): void {
  const words = Int32Array.from({ length: 5 }, (_, i) => digest.readInt32BE(4 * i));
  rehashSha1(words, times);
  words.forEach((word, i) => void digest.writeInt32BE(word, 4 * i));
  words.fill(0);
}
