import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError, isMissing } from './file-errors.ts';

/** Names of what is still being written begin so; heal.ts removes what a killed process left of it. */
export const DRAFT_PREFIX = '.draft-';

export const MODE = { secret: 0o600, open: 0o644, folder: 0o700 } as const;

/**
 * Puts a file in its place, or in that of the one before, whole and on the disk: it is written beside it first. Throws
 * STORE_FULL or INVALID_ARGUMENT, and what was there is as it was.
 */
export async function replaceFile(path: string, content: Uint8Array, mode: number): Promise<void> {
  const draft = join(dirname(path), `${DRAFT_PREFIX}${randomBytes(8).toString('hex')}-${basename(path)}`);
  try {
    await writeNewFile(draft, content, mode);
    await rename(draft, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw fileError(path, error);
  }
}

/** A file that was not there; its name is durable once its folder was synced. Throws STORE_FULL or INVALID_ARGUMENT. */
export async function writeNewFile(path: string, content: Uint8Array, mode: number): Promise<void> {
  try {
    const file = await open(path, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

/** With all above it, as far as they are missing. Throws STORE_FULL or INVALID_ARGUMENT. */
export async function makeFolder(path: string): Promise<void> {
  try {
    const first = await mkdir(path, { recursive: true, mode: MODE.folder });
    if (first !== undefined) await syncFolder(dirname(first));
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Makes every name added to, or removed from, a folder before this call survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Undefined when there is no such file. The caller zeroes what is secret. Throws INVALID_ARGUMENT. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(path, error);
  }
}
