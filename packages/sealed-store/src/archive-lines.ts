import { MAX_LINE_BYTES } from './archive-format.ts';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 64 * 1024;

/**
 * The lines of a stream, one at a time. One that is too long, or not ended, is undefined: it is damage, whatever is in it.
 * Bytes that are no ASCII stay other characters, so that no damage is decoded away.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes = MAX_LINE_BYTES,
): AsyncGenerator<string | undefined, void, undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array) => {
    length += part.length;
    if (length > maxBytes) parts = [];
    else parts.push(part);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      yield length > maxBytes ? undefined : Buffer.concat(parts).toString('latin1');
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (length > 0) yield undefined;
}

/** Lines as chunks that are worth sending, of 64 KiB at most. Holds one line and one chunk. */
export async function* chunksOf(lines: AsyncIterable<string>): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const line of lines) {
    rest = Buffer.concat([rest, Buffer.from(`${line}\n`, 'latin1')]);
    for (; rest.length >= CHUNK_BYTES; rest = rest.subarray(CHUNK_BYTES)) yield rest.subarray(0, CHUNK_BYTES);
  }
  if (rest.length > 0) yield rest;
}
