import { AppError } from '@sealtrack/errors/app-error';
import { abortable } from './abortable.ts';
import type { MediaStore } from './media-store.ts';

/**
 * A whole small object in memory.
 * @throws AppError OBJECT_NOT_FOUND, STORE_UNAVAILABLE; CANCELLED or the signal's reason; MANIFEST_INVALID when it holds more than `maxBytes`.
 */
export async function readAll(
  store: Pick<MediaStore, 'read'>,
  key: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Without asking for its size first: it may be replaced by a longer one before it is read.
  for await (const chunk of abortable(store.read(key, { signal }), signal)) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(key, maxBytes);
    chunks.push(chunk);
  }
  // Most come in one, and a copy of it would take longer than reading it.
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? bufferOf(first) : Buffer.concat(chunks);
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const tooLarge = (key: string, maxBytes: number) =>
  new AppError('MANIFEST_INVALID', `The object ${key} holds more than the ${maxBytes} bytes allowed`, {
    fix: 'Restore the object from a backup of the media store.',
  });

/** A source of the bytes at hand. */
export async function* once(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
