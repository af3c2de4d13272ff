import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { abortable, throwIfAborted } from './abortable.ts';
import { errnoOf, objectExists, onDisk } from './fs-errors.ts';
import type { Folders } from './fs-folders.ts';

/** Object names never start with a dot, so a temporary file is never taken for an object. */
export const TEMPORARY_PREFIX = '.creating-';

/**
 * Chunks are gathered to this size. Fed with 64 KiB chunks, writes of this size stored large objects up to twice as fast
 * as writes of 64 KiB, and writes of 1 MiB no faster.
 */
const WRITE_BYTES = 256 * 1024;
/** IOV_MAX on Linux and macOS: the most buffers that one writev takes. */
const WRITE_BUFFERS = 1024;

export interface Temporary {
  readonly folder: string;
  readonly path: string;
}

/**
 * Writes a hidden temporary file beside the final name in `parts`, makes its bytes durable, and has `publish` give it
 * that name. So no other process ever sees part of an object.
 */
export async function writeTemporary(
  folders: Folders,
  parts: readonly string[],
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  publish: (temporary: Temporary) => Promise<void>,
): Promise<{ size: number }> {
  throwIfAborted(signal);
  const temporary = await onDisk(() => openTemporary(folders, parts.slice(0, -1)));
  try {
    const size = await writeContent(temporary.handle, content, signal);
    await onDisk(() => temporary.handle.datasync());
    await onDisk(() => temporary.handle.close());
    throwIfAborted(signal);
    await publish(temporary);
    return { size };
  } catch (error) {
    // What cannot be removed now is a temporary that tidy() removes later; the first error is the one to report.
    await temporary.handle.close().catch(() => undefined);
    await unlink(temporary.path).catch(() => undefined);
    throw error;
  }
}

interface OpenTemporary extends Temporary {
  readonly handle: FileHandle;
}

async function openTemporary(folders: Folders, parts: readonly string[]): Promise<OpenTemporary> {
  const attempt = async (): Promise<OpenTemporary> => {
    const folder = await folders.ensure(parts);
    const path = join(folder, TEMPORARY_PREFIX + randomBytes(12).toString('hex'));
    return { folder, path, handle: await open(path, 'wx', 0o600) };
  };
  try {
    return await attempt();
  } catch (error) {
    // A key that runs through another object, which only a file system minds.
    if (errnoOf(error) === 'ENOTDIR') throw objectExists(parts.join('/'));
    if (errnoOf(error) !== 'ENOENT' || parts.length === 0) throw error;
    // Somebody removed a folder that we remember.
    folders.forget(parts);
    return await attempt();
  }
}

async function writeContent(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let size = 0;
  let waiting = 0;
  let batch: Uint8Array[] = [];
  async function flush(): Promise<void> {
    await onDisk(() => writeAll(handle, batch));
    size += waiting;
    waiting = 0;
    batch = [];
  }
  for await (const chunk of abortable(content, signal)) {
    if (chunk.byteLength === 0) continue;
    batch.push(chunk);
    waiting += chunk.byteLength;
    if (waiting >= WRITE_BYTES || batch.length === WRITE_BUFFERS) await flush();
  }
  if (waiting > 0) await flush();
  return size;
}

/** writev(2) may write less than asked, as on a disk that is about to be full. */
async function writeAll(handle: FileHandle, buffers: readonly Uint8Array[]): Promise<void> {
  let rest = buffers;
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest);
    rest = rest.flatMap((buffer) => {
      const written = Math.min(bytesWritten, buffer.byteLength);
      bytesWritten -= written;
      return written === buffer.byteLength ? [] : [buffer.subarray(written)];
    });
  }
}
