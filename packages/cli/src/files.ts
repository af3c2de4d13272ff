import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '@sealtrack/errors/app-error';
import type { Io } from './io.ts';

/** As large as a gRPC message of media should be. */
const CHUNK_BYTES = 256 * 1024;

export interface InputFile {
  readonly content: AsyncIterable<Uint8Array>;
  /** Bytes; undefined for a pipe. */
  readonly size: number | undefined;
  readonly modifiedAt: Date | undefined;
}

/** The file's bytes in order, or those of standard input for "-". Throws INVALID_ARGUMENT when it cannot be read. */
export async function openInput(name: string, io: Pick<Io, 'stdin' | 'cwd'>): Promise<InputFile> {
  if (name === '-') return { content: io.stdin, size: undefined, modifiedAt: undefined };
  const path = resolve(io.cwd, name);
  const facts = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (facts.isDirectory()) throw unreadable(path, { code: 'EISDIR' });
  return {
    content: readFileContent(path),
    size: facts.isFile() ? facts.size : undefined,
    modifiedAt: facts.mtime,
  };
}

async function* readFileContent(path: string): AsyncGenerator<Uint8Array> {
  const stream: Readable = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  try {
    yield* stream;
  } catch (error) {
    throw isSystemError(error) ? unreadable(path, error) : error;
  } finally {
    stream.destroy();
  }
}

/**
 * A whole small file. The caller zeroes it when it is secret, which is why it is read into memory that belongs to
 * nobody else, at once. Throws INVALID_ARGUMENT when it cannot be read or is larger than `maxBytes`.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<Buffer> {
  let file: FileHandle | undefined;
  const buffer = Buffer.allocUnsafeSlow(maxBytes + 1);
  try {
    file = await open(path, 'r');
    let filled = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled > maxBytes) throw tooLarge(path, maxBytes);
    const content = Buffer.alloc(filled);
    buffer.copy(content, 0, 0, filled);
    return content;
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(path, error);
  } finally {
    buffer.fill(0);
    await file?.close();
  }
}

const isSystemError = (error: unknown): boolean =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
};

const unreadable = (path: string, cause: unknown): AppError => {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return new AppError('INVALID_ARGUMENT', `${path} cannot be read: ${REASONS[code] ?? 'reading it failed'}`, {
    fix: 'Give the path of a file that you may read.',
    details: { file: path, ...(code === '' ? {} : { code }) },
    cause,
  });
};

const tooLarge = (path: string, maxBytes: number): AppError =>
  new AppError('INVALID_ARGUMENT', `${path} is larger than ${maxBytes} bytes`, {
    fix: 'Check that it is the file you meant.',
    details: { file: path },
  });
