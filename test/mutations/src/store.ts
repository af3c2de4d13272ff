import type { ReadCiphertext } from '@sealtrack/envelope/read-segments';
import { must } from './judge.ts';

/** A media store with one ciphertext, which keeps count of what is asked of it. */
export interface Store {
  readonly read: ReadCiphertext;
  readonly readings: number;
}

/** What kind of store: one that gives what it was asked for, or one that goes on to the end of what it has. */
export type Manners = 'exact' | 'lavish';

export function createStore(ciphertext: Buffer, chunk: number, manners: Manners = 'exact'): Store {
  let readings = 0;
  return {
    get readings() {
      return readings;
    },
    read(offset, length) {
      readings += 1;
      must(readings === 1, 'more than one reading of the ciphertext');
      must(offset >= 0 && length > 0 && Number.isSafeInteger(offset + length), 'an impossible reading');
      const end = manners === 'exact' ? offset + length : ciphertext.length;
      return inOneBuffer(ciphertext.subarray(offset, end), chunk);
    },
  };
}

export async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** As files are read: each chunk lies where the one before it was, so that what was kept of that is wrong. */
async function* inOneBuffer(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(size, bytes.length));
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(buffer, 0, at, at + size);
    yield buffer.subarray(0, length);
    buffer.fill(0xee);
  }
}
