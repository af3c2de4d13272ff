import { createHash } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';

export interface Digest {
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** Passes a stream on; `result` is of what has passed. */
export function digesting(source: AsyncIterable<Uint8Array>): {
  content: AsyncIterable<Uint8Array>;
  result(): Digest;
} {
  const hash = createHash('sha256');
  let size = 0;
  async function* content(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.byteLength;
      yield chunk;
    }
  }
  return { content: content(), result: () => ({ sha256: hash.digest('hex'), size }) };
}

export async function digestOf(source: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { sha256: hash.digest('hex'), size };
}

/** The point of the demo: what came back is what went in. Throws INTERNAL. */
export function assertSame(what: string, original: Digest, found: Digest): void {
  if (original.sha256 === found.sha256 && original.size === found.size) return;
  throw new AppError('INTERNAL', `${what} is not the original: the SHA-256 differs`, {
    fix: 'Keep the results and the logs, and report this.',
    details: {
      original: `${original.size} bytes, ${original.sha256}`,
      found: `${found.size} bytes, ${found.sha256}`,
    },
  });
}
