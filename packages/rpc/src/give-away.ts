import { chunkIn } from './chunk-codec.ts';

const given = new WeakSet<ArrayBufferLike>();

/**
 * Leaves a chunk of media to the server that it is sent from: its memory is overwritten and given back as soon as it was
 * sent. The collector would have to find it otherwise, which costs a stream more than all its cryptography, and plaintext
 * would lie about until then. Only for a chunk that nobody looks at again, with an ArrayBuffer of its own; the same
 * chunk comes back. One that is so small that it may lie among others in Node's pool is left to the collector.
 */
export function giveAway<Chunk extends Uint8Array>(chunk: Chunk): Chunk {
  if (chunk.buffer.byteLength > Buffer.poolSize) given.add(chunk.buffer);
  return chunk;
}

/** The chunk of a message that was sent is gone for everybody, if it was given away: no view of it has any bytes. */
export function takeBack(message: unknown): void {
  const buffer = chunkIn(message)?.buffer;
  if (!(buffer instanceof ArrayBuffer) || !given.delete(buffer)) return;
  new Uint8Array(buffer).fill(0);
  // Detached, and so its memory is free at once.
  buffer.transfer(0);
}

/** A handler's messages, with all their chunks given away. */
export async function* givenAway<Message>(messages: AsyncIterable<Message>): AsyncGenerator<Message> {
  for await (const message of messages) {
    const chunk = chunkIn(message);
    if (chunk !== undefined) giveAway(chunk);
    yield message;
  }
}
