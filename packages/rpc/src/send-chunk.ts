import type { ServerHttp2Stream } from 'node:http2';
import { chunkIn, chunkPrefix, chunkTagOf } from './chunk-codec.ts';

type Serialize = (message: never) => Uint8Array;

const tags = new WeakMap<Serialize, number | undefined>();

/** Of the messages that are made into bytes by this; found out once. */
function tagOf(serialize: Serialize): number | undefined {
  if (!tags.has(serialize)) tags.set(serialize, chunkTagOf(serialize as (message: unknown) => Uint8Array));
  return tags.get(serialize);
}

/** A byte that says that nothing is compressed, and the size of the message. */
const FRAME_BYTES = 5;

/**
 * Sends a chunk of media as it lies in memory, where grpc-js and what is above it copy it three times. `sent` is called when
 * it was given to the system. False, and nothing done, for every other message, and whenever grpc-js has more to do than to
 * send it: begin a response, or refuse a message that is too long.
 */
export function sendChunk(
  stream: ServerHttp2Stream,
  serialize: Serialize,
  message: unknown,
  maxBytes: number,
  sent: () => void,
): boolean {
  const chunk = chunkIn(message);
  if (chunk === undefined || !stream.headersSent || stream.destroyed || stream.closed) return false;
  const tag = tagOf(serialize);
  if (tag === undefined) return false;
  const prefix = chunkPrefix(tag, chunk.byteLength);
  const size = prefix.length + chunk.byteLength;
  if (size > maxBytes) return false;
  const head = Buffer.allocUnsafe(FRAME_BYTES + prefix.length);
  head[0] = 0;
  head.writeUInt32BE(size, 1);
  head.set(prefix, FRAME_BYTES);
  stream.cork();
  stream.write(head);
  stream.write(chunk, (error) => {
    // Broken off, and the call with it; what is left of it may still be looked at below.
    if (!error) sent();
  });
  stream.uncork();
  return true;
}
