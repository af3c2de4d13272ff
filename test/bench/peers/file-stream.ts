import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';

/** Pieces as large as our own engine reads: with the 64 KiB of a plain file stream each of the peers is slower. */
const highWaterMark = 256 * 1024;

export const nodeStream = (path: string): Readable => createReadStream(path, { highWaterMark });

/** The same class, which Node and the DOM have two types for. */
export const webStream = (path: string): ReadableStream<Uint8Array> =>
  Readable.toWeb(nodeStream(path)) as unknown as ReadableStream<Uint8Array>;
