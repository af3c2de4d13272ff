import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import type { Spool } from '../ports.ts';

/** Some 100,000 certificates with their keys. */
const MAX_BYTES = 2 * 1024 ** 3;
const READ_BYTES = 256 * 1024;

/**
 * Streams in files without a name, for nobody but this process: each is unlinked as soon as it is open, so it is gone with
 * the process, however that ends.
 * @param folder such as the system's temporary one.
 */
export function createFolderSpool(folder: string, maxBytes = MAX_BYTES): Spool {
  return {
    async keep(chunks) {
      const file = await openNameless(folder);
      try {
        const size = await write(file, chunks, { folder, maxBytes });
        return { read: () => readAll(file, size), [Symbol.asyncDispose]: () => file.close() };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
  };
}

async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `sealtrack-${randomBytes(16).toString('hex')}.tmp`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
}

async function write(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  { folder, maxBytes }: { readonly folder: string; readonly maxBytes: number },
): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) {
    if (size + chunk.length > maxBytes) throw tooLarge(maxBytes);
    try {
      await file.writeFile(chunk);
    } catch (cause) {
      throw cannotWrite(folder, cause);
    }
    size += chunk.length;
  }
  return size;
}

async function* readAll(file: FileHandle, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < size; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

const tooLarge = (maxBytes: number) =>
  new AppError('INVALID_ARGUMENT', `The backup is larger than ${maxBytes} bytes`, {
    fix: 'Give a file that sealtrack keys backup wrote. If it is one, move Redis itself instead.',
  });

const cannotWrite = (folder: string, cause: unknown) =>
  new AppError('BACKUP_FAILED', `A temporary file in ${folder} could not be written`, {
    fix: 'Make room there, or let the service use another folder (SEALTRACK_BACKUP_DIR), then do it again.',
    cause,
  });
