import { createCipheriv, createHash } from 'node:crypto';

const CHUNK_BYTES = 64 * 1024;

/**
 * `size` bytes that look random and are always the same for a seed, whatever the chunks' size: no byte range looks
 * like another, so swapped, lost and repeated pieces show. About 1 GB/s, in constant memory.
 */
export async function* patternedStream(
  size: number,
  seed: number | string = 0,
  chunkBytes: number = CHUNK_BYTES,
): AsyncGenerator<Uint8Array, void, void> {
  // A keystream is the quickest deterministic noise there is here; nothing about it is secret.
  const key = createHash('sha256').update(`pattern ${seed}`).digest();
  const keystream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(chunkBytes);
  for (let left = size; left > 0; left -= chunkBytes) {
    yield keystream.update(left < chunkBytes ? zeros.subarray(0, left) : zeros);
  }
}

/** SHA-256 of everything in the stream, in lower-case hexadecimal. */
export async function sha256Of(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}
