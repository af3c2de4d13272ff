import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { readBlocks, sizeOfFile } from '../files.ts';

/** The bytes of an archive, with progress. Throws INVALID_ARGUMENT when it cannot be read. */
export async function readArchive(
  context: Context,
  name: string,
  label: string,
): Promise<AsyncIterable<Uint8Array>> {
  const path = resolve(context.io.cwd, name);
  const size = await sizeOfFile(path);
  // What is sent is encoded later.
  return context.progress(readBlocks(path, { areKept: true, signal: context.signal }), label, size);
}

/** As the wire has them. */
export const toBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
