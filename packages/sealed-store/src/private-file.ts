import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';

const READ_BY_OTHERS = 0o077;

/**
 * Writes a new file of key material, readable by its owner only. It appears whole and durable, or not at all.
 * @throws AppError OBJECT_EXISTS when there is a file; CONFIG_INVALID when it cannot be written.
 */
export async function createPrivateFile(path: string, content: Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await writeSynced(temporary, content);
    await link(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw cannotCreate(path, cause);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/**
 * Reads a file of key material, for the caller to zero.
 * @throws AppError CONFIG_INVALID when it cannot be read, is open to others, or is too large to be one.
 */
export async function readPrivateFile(path: string, maxBytes: number): Promise<Buffer> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `The key file ${path} cannot be read`, {
      fix: 'Give the path of the key file, readable by the user of this service. Restore it from its backup if it is gone: without it no private key opens.',
      cause,
    });
  }
  try {
    // Of the open file, so that it cannot be exchanged between the question and the reading.
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > maxBytes) throw malformedKeyFile(path, 'it is no file of keys');
    if ((stats.mode & READ_BY_OTHERS) !== 0)
      throw new AppError('CONFIG_INVALID', `The key file ${path} is open to other users`, {
        fix: `Run: chmod 600 ${path}   Then consider whether somebody may have read it.`,
      });
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

export const malformedKeyFile = (path: string, what: string) =>
  new AppError('CONFIG_INVALID', `The key file ${path} is malformed: ${what}`, {
    fix: 'Restore the file from its backup. Do not make a new one while secrets are sealed under the old: they would never open again.',
  });

function cannotCreate(path: string, cause: unknown): AppError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
    return new AppError('OBJECT_EXISTS', `There is already a key file ${path}`, {
      fix: 'Use the one that is there: replacing it would make every secret sealed under it unreadable.',
    });
  return new AppError('CONFIG_INVALID', `The key file ${path} cannot be written`, {
    fix: 'Give a path in an existing folder that the user of this service may write to.',
    cause,
  });
}

async function writeSynced(path: string, content: Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
