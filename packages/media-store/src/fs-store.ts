import { randomBytes } from 'node:crypto';
import { link, mkdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { createFile } from './fs-create.ts';
import { errnoOf, onDisk, toStoreError } from './fs-errors.ts';
import { createFolders, type Folders } from './fs-folders.ts';
import { listKeys, removeTemporaries } from './fs-list.ts';
import { fileSize, readFile } from './fs-read.ts';
import { replaceFile } from './fs-replace.ts';
import { TEMPORARY_PREFIX } from './fs-temporary.ts';
import { checkPrefix, parseKey } from './keys.ts';
import type { OpenMediaStore, OpenOptions } from './media-store.ts';

/**
 * A media store in a folder of a local disk or a network share. Files are 0600, folders 0700. Any number of processes
 * may use the same folder. The folder is made here if it is missing, and never again later: one that disappears is
 * a disk that is not mounted.
 * @throws AppError STORE_UNAVAILABLE, STORE_FULL.
 */
export async function openFsStore(rootFolder: string, options: OpenOptions = {}): Promise<OpenMediaStore> {
  const root = resolve(rootFolder);
  const folders = createFolders(root);
  if (options.readOnly !== true) {
    await onDisk(() => makeRoot(root, folders));
    await onDisk(() => probe(root));
  }
  const pathOf = (key: string) => join(root, ...parseKey(key));
  return {
    create: async (key, content, options) => createFile(folders, parseKey(key), content, options?.signal),
    replace: async (key, content, options) =>
      replaceFile(root, folders, parseKey(key), content, options?.signal),
    read: (key, options = {}) => readFile(pathOf(key), key, options),
    size: async (key) => fileSize(pathOf(key), key),
    async confirm(key) {
      const path = pathOf(key);
      await fileSize(path, key);
      // The file was made durable before it got its name, so the name is all that may be missing.
      await onDisk(() => folders.sync(dirname(path)));
    },
    delete: (key) => onDisk(() => removeFile(pathOf(key), folders)),
    async *list(prefix) {
      checkPrefix(prefix);
      try {
        yield* listKeys(root, prefix);
      } catch (error) {
        throw toStoreError(error);
      }
    },
    tidy: (olderThanMs) => onDisk(() => removeTemporaries(root, olderThanMs)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function makeRoot(root: string, folders: Folders): Promise<void> {
  const made = await mkdir(root, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let folder = root; folder.length >= made.length; folder = dirname(folder))
    await folders.sync(dirname(folder));
}

/** Finds out at the start, not at the first recording, that the folder is read-only or cannot hold hard links. */
async function probe(root: string): Promise<void> {
  const path = join(root, `${TEMPORARY_PREFIX}probe-${randomBytes(12).toString('hex')}`);
  const linked = `${path}-linked`;
  try {
    await writeFile(path, '', { flag: 'wx', mode: 0o600 });
    await link(path, linked);
    await unlink(linked);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error) ?? '')) throw error;
    throw new AppError('STORE_UNAVAILABLE', 'The file system of the media store has no hard links', {
      fix: 'Put the media store on a file system with hard links, such as ext4, XFS, APFS or NFS.',
      cause: error,
    });
  } finally {
    await unlink(path).catch(() => undefined);
  }
}

async function removeFile(path: string, folders: Folders): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error) ?? '')) throw error;
  }
  try {
    // Also when it was gone already: an earlier delete may have died before it came to this.
    await folders.sync(dirname(path));
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) throw error;
  }
}
