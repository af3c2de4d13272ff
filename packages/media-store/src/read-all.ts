import { AppError } from '@sealtrack/errors/app-error';
import type { MediaStore } from './media-store.ts';

/**
 * A whole small object in memory.
 * @throws AppError OBJECT_NOT_FOUND, STORE_UNAVAILABLE; MANIFEST_INVALID when it holds more than `maxBytes`.
 */
export async function readAll(store: MediaStore, key: string, maxBytes: number): Promise<Buffer> {
  const size = await store.size(key);
  if (size > maxBytes)
    throw new AppError(
      'MANIFEST_INVALID',
      `The object ${key} holds ${size} bytes, more than the ${maxBytes} allowed`,
      {
        fix: 'Restore the object from a backup of the media store.',
      },
    );
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key, { length: size })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A source of the bytes at hand. */
export async function* once(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
