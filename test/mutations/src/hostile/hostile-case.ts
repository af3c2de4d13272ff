import type { ErrorCode } from '@sealtrack/errors/codes';
import { codeOf, must, Wrong } from '../judge.ts';

/** Input that was made to cost more than it is worth. */
export interface HostileCase {
  readonly name: string;
  /** Answers how it ended, in a word; throws for what must never happen. */
  run(): Promise<string> | string;
}

export const MIB = 1024 * 1024;

export interface CountedSource extends AsyncIterable<Uint8Array> {
  /** Bytes that were asked for. */
  readonly taken: number;
}

/** Those bytes, then `chunk` over and over, until there are `size` in all. Whoever asks for more than `most` is wrong. */
export function createSource(
  first: Uint8Array,
  chunk: Uint8Array,
  size: number,
  most = Number.POSITIVE_INFINITY,
): CountedSource {
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    async *[Symbol.asyncIterator]() {
      for (let next = first; taken < size; next = chunk) {
        taken += next.length;
        must(taken <= most, `more than ${most} bytes were read`);
        yield next;
      }
    },
  };
}

/** A case that must be refused. */
export const refused = (name: string, code: ErrorCode, run: () => unknown): HostileCase => ({
  name,
  async run() {
    try {
      await run();
    } catch (error) {
      return codeOf(error, [code]);
    }
    throw new Wrong('it was accepted');
  },
});

/** Reads to the end, and keeps nothing. */
export async function drain(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  return size;
}
