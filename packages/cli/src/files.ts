import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { steadily } from '@sealtrack/service-kit/steady-memory';
import type { Io } from './io.ts';

/** As large as a gRPC message of media should be; smaller reads cost more than what is done with them. */
export const BLOCK_BYTES = 256 * 1024;

export interface InputFile {
  readonly content: AsyncIterable<Uint8Array>;
  /** Bytes; undefined for a pipe. */
  readonly size: number | undefined;
  readonly modifiedAt: Date | undefined;
}

/** The file's bytes in order, or those of standard input for "-". Throws INVALID_ARGUMENT when it cannot be read. */
export async function openInput(
  name: string,
  io: Pick<Io, 'stdin' | 'cwd'> & Partial<Pick<Io, 'signal'>>,
): Promise<InputFile> {
  if (name === '-') return { content: io.stdin, size: undefined, modifiedAt: undefined };
  const path = resolve(io.cwd, name);
  const facts = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (facts.isDirectory()) throw unreadable(path, { code: 'EISDIR' });
  return {
    content: readBlocks(path, { areKept: true, signal: io.signal }),
    size: facts.isFile() ? facts.size : undefined,
    modifiedAt: facts.mtime,
  };
}

/**
 * The file's size in bytes. Throws INVALID_ARGUMENT when it cannot be read, or is a pipe: nothing leaves here before it
 * was verified, and so such files are read more than once.
 */
export async function sizeOfFile(path: string): Promise<number> {
  const facts = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (facts.isDirectory()) throw unreadable(path, { code: 'EISDIR' });
  if (facts.isFile()) return facts.size;
  throw new AppError('INVALID_ARGUMENT', `${path} is a pipe or a device, and has to be read more than once`, {
    fix: 'Save it as a file first, and give that.',
    details: { file: path },
  });
}

export interface BlockOptions {
  /** Where to start, in bytes; at the beginning unless told. */
  readonly offset?: number;
  /** How many bytes at most; to the end unless told. */
  readonly length?: number;
  /** Whether the consumer still has a block when it asks for the next one: each is then in memory of its own. */
  readonly areKept?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bytes of a file in blocks of 256 KiB, each valid until the next one is asked for: fresh memory for every block would
 * take 70 MB before any of it is collected, and so would what is made of them. Throws INVALID_ARGUMENT when it cannot be read.
 */
export const readBlocks = (path: string, options: BlockOptions = {}): AsyncGenerator<Buffer> =>
  steadily(blocksOf(path, options));

async function* blocksOf(
  path: string,
  { offset, length = Number.POSITIVE_INFINITY, areKept = false, signal }: BlockOptions,
): AsyncGenerator<Buffer> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    // A pipe has no positions.
    let position = offset ?? null;
    let block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, length));
    for (let left = length; left > 0; ) {
      signal?.throwIfAborted();
      if (areKept) block = Buffer.allocUnsafeSlow(block.length);
      const wanted = Math.min(block.length, left);
      const { bytesRead } = await file.read(block, 0, wanted, position).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      if (bytesRead === 0) return;
      if (position !== null) position += bytesRead;
      left -= bytesRead;
      yield block.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * A whole small file. The caller zeroes it when it is secret, which is why it is read into memory that belongs to
 * nobody else, at once. Throws INVALID_ARGUMENT when it cannot be read or is larger than `maxBytes`.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  let buffer = Buffer.alloc(0);
  try {
    const facts = await file.stat();
    // What a pipe has is known only at its end. One byte more shows that there is more.
    const most = facts.isFile() && facts.size > 0 ? Math.min(facts.size, maxBytes) : maxBytes;
    buffer = Buffer.allocUnsafeSlow(most + 1);
    let filled = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled > most) throw tooLarge(path, most);
    const content = Buffer.alloc(filled);
    buffer.copy(content, 0, 0, filled);
    return content;
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(path, error);
  } finally {
    buffer.fill(0);
    await file.close();
  }
}

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
