import { createCipheriv, createHash } from 'node:crypto';

const CHUNK_BYTES = 128 * 1024;

/** Bytes that look random and are always the same for the same id and size. */
export function mediaOf(recordingId: string, size: number): Buffer {
  const key = createHash('sha256').update(`${recordingId}/${size}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

export async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** The first half at once, the rest when told: an upload that is under way for as long as a test likes. */
export function inHalves(bytes: Buffer): { readonly content: AsyncIterable<Uint8Array>; goOn(): void } {
  const rest = Promise.withResolvers<void>();
  const middle = Math.ceil(bytes.length / 2);
  async function* content(): AsyncGenerator<Uint8Array> {
    yield* inChunks(bytes.subarray(0, middle));
    await rest.promise;
    yield* inChunks(bytes.subarray(middle));
  }
  return { content: content(), goOn: rest.resolve };
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
