import type { Dirent } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './fs-errors.ts';
import { TEMPORARY_PREFIX } from './fs-temporary.ts';

/**
 * Keys that start with `prefix`, in byte order of the whole key. Memory grows with the largest folder on the way, not
 * with the tree.
 */
export async function* listKeys(root: string, prefix: string): AsyncGenerator<string> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  yield* listFolder(root, folder, prefix);
}

/** `folder` is '' or ends in '/'. */
async function* listFolder(root: string, folder: string, prefix: string): AsyncGenerator<string> {
  const keys = (await entriesOf(root, folder))
    .filter(({ name }) => !name.startsWith('.'))
    .filter((entry) => entry.isFile() || entry.isDirectory())
    // With its slash, as in a key: 'a-b' < 'a/b'.
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    .filter((key) => key.startsWith(prefix))
    .sort();
  for (const key of keys) {
    if (key.endsWith('/')) yield* listFolder(root, key, prefix);
    else yield key;
  }
}

/** Removes temporaries that nobody has written to for `olderThanMs`. @returns how many. */
export async function removeTemporaries(root: string, olderThanMs: number): Promise<number> {
  const before = Date.now() - olderThanMs;
  const folders = [''];
  let removed = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(root, folder)) {
      if (entry.isDirectory()) folders.push(`${folder}${entry.name}/`);
      else if (entry.name.startsWith(TEMPORARY_PREFIX)) {
        if (await removeIfOlder(join(root, folder, entry.name), before)) removed += 1;
      }
    }
  }
  return removed;
}

async function removeIfOlder(path: string, before: number): Promise<boolean> {
  try {
    if ((await stat(path)).mtimeMs >= before) return false;
    await unlink(path);
    return true;
  } catch (error) {
    // Its create has just come to an end, or another process tidies too.
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function entriesOf(root: string, folder: string): Promise<Dirent[]> {
  try {
    return await readdir(join(root, folder), { withFileTypes: true });
  } catch (error) {
    // A root that is gone is a disk that is not mounted, and must not look like an empty store.
    if (folder !== '' && ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return [];
    throw error;
  }
}
