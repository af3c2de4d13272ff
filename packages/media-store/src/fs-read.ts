import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { AppError } from '@sealtrack/errors/app-error';
import { throwIfAborted } from './abortable.ts';
import { errnoOf, objectNotFound, onDisk } from './fs-errors.ts';
import type { ReadOptions } from './media-store.ts';

/** What is read at a time; from the second time on between multiples of it, which is where the segments of a ciphertext end. */
const READ_BYTES = 256 * 1024;

const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR'].includes(errnoOf(error) ?? '');

/** In bytes. */
export async function fileSize(path: string, key: string): Promise<number> {
  const stats = await onDisk(async () => {
    try {
      return await lstat(path);
    } catch (error) {
      throw isMissing(error) ? objectNotFound(key, error) : error;
    }
  });
  if (!stats.isFile()) throw objectNotFound(key);
  return stats.size;
}

export async function* readFile(
  path: string,
  key: string,
  { offset = 0, length, signal, reuse = false }: ReadOptions,
): AsyncGenerator<Uint8Array> {
  throwIfAborted(signal);
  const { handle, size } = await onDisk(() => openFile(path, key));
  // A reader that aborts may never come back for the chunk after, so the file is closed here and now.
  const buffers: Buffer[] = [];
  const onAbort = () => void handle.close().catch(() => undefined);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const end = rangeEnd(key, size, offset, length);
    const bufferOf = (size: number): Buffer => {
      // One is being worked on while the other is read into.
      const used = buffers.length < 2 ? undefined : buffers.shift();
      const buffer = used !== undefined && used.length >= size ? used : Buffer.allocUnsafeSlow(size);
      if (reuse) buffers.push(buffer);
      return buffer.subarray(0, size);
    };
    const readOn = (position: number) =>
      readChunk(handle, key, position, bufferOf(readEnd(position, end) - position), signal);
    let position = offset;
    let next = position < end ? readOn(position) : undefined;
    while (next !== undefined) {
      throwIfAborted(signal);
      const chunk = await next;
      position += chunk.byteLength;
      // The disk goes on while this chunk is worked on: one ahead is all that is held.
      next = position < end ? readOn(position) : undefined;
      // Whoever takes no more never asks what became of it.
      next?.catch(() => undefined);
      yield chunk;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // Waits for what is being read.
    await handle.close();
    // Detached, and so the memory is free now; the collector would come by after every few megabytes.
    for (const { buffer } of buffers) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
}

async function openFile(path: string, key: string): Promise<{ handle: FileHandle; size: number }> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw objectNotFound(key);
      return { handle, size: stats.size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw isMissing(error) ? objectNotFound(key, error) : error;
  }
}

function rangeEnd(key: string, size: number, offset: number, length: number | undefined): number {
  for (const value of [offset, length ?? 0])
    if (!Number.isSafeInteger(value) || value < 0)
      throw new AppError(
        'INVALID_ARGUMENT',
        'offset and length must be whole numbers of bytes, not negative',
        {
          fix: 'Give an offset of 0 or more, and a length of 0 or more or none to read to the end.',
        },
      );
  const end = length === undefined ? Math.max(size, offset) : offset + length;
  if (end <= size) return end;
  throw new AppError(
    'RANGE_NOT_SATISFIABLE',
    `The object ${key} has ${size} bytes: the range reaches past its end`,
    {
      fix: `Ask for a range that ends at ${size} or before.`,
      details: { key, size: String(size) },
    },
  );
}

/** READ_BYTES or what is missing to a multiple of it, and not much less than that: a range may begin just before one. */
function readEnd(position: number, end: number): number {
  const next = (Math.floor((position + READ_BYTES / 2) / READ_BYTES) + 1) * READ_BYTES;
  return Math.min(next, end);
}

async function readChunk(
  handle: FileHandle,
  key: string,
  position: number,
  buffer: Buffer,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { bytesRead } = await onDisk(async () => {
    try {
      return await handle.read(buffer, 0, buffer.byteLength, position);
    } catch (error) {
      throwIfAborted(signal);
      throw error;
    }
  });
  if (bytesRead > 0) return buffer.subarray(0, bytesRead);
  throw new AppError('STORE_UNAVAILABLE', `The object ${key} became shorter while it was read`, {
    fix: 'Find out what else writes to the folder of the media store, and restore the object from a backup.',
    details: { key },
  });
}
