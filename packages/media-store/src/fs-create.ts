import { link, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, objectExists, onDisk, toStoreError } from './fs-errors.ts';
import type { Folders } from './fs-folders.ts';
import { type Temporary, writeTemporary } from './fs-temporary.ts';

/** The temporary file is linked to its final name: link(2) fails on an existing name, which rename(2) would replace. */
export async function createFile(
  folders: Folders,
  parts: readonly string[],
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<{ size: number }> {
  const name = parts.at(-1) ?? '';
  return await writeTemporary(folders, parts, content, signal, (temporary) =>
    linkTo(join(temporary.folder, name), parts.join('/'), temporary, folders),
  );
}

async function linkTo(path: string, key: string, temporary: Temporary, folders: Folders): Promise<void> {
  try {
    await link(temporary.path, path);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw toStoreError(error);
    // Its creator may still be about to make it durable, and who is told that it exists relies on it.
    await onDisk(() => folders.sync(temporary.folder));
    throw objectExists(key);
  }
  try {
    // A power cut between the two leaves the object whole and a temporary for tidy().
    await Promise.all([folders.sync(temporary.folder), unlink(temporary.path)]);
  } catch (error) {
    // Not known to be durable, so not an object: the caller is told that it failed.
    await unlink(path).catch(() => undefined);
    throw toStoreError(error);
  }
}
