import { chunkIn } from './chunk-codec.ts';
import { giveBack } from './give-back.ts';

const given = new WeakSet<ArrayBufferLike>();

/**
 * Leaves a chunk of media to the server that it is sent from, which gives it back (give-back.ts) as soon as it was sent. The
 * same chunk comes back.
 */
export function giveAway<Chunk extends Uint8Array>(chunk: Chunk): Chunk {
  given.add(chunk.buffer);
  return chunk;
}

/** Gives the chunk of a message that was sent back, if it was given away. */
export function takeBack(message: unknown): void {
  const chunk = chunkIn(message);
  if (chunk !== undefined && given.delete(chunk.buffer)) giveBack(chunk);
}

/** A handler's messages, with all their chunks given away. */
export async function* givenAway<Message>(messages: AsyncIterable<Message>): AsyncGenerator<Message> {
  for await (const message of messages) {
    const chunk = chunkIn(message);
    if (chunk !== undefined) giveAway(chunk);
    yield message;
  }
}
