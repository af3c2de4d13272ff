import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MODE, syncFolder, writeNewFile } from './durable-files.ts';
import { fileError } from './file-errors.ts';
import type { Layout } from './layout.ts';

/**
 * How the files of one certificate come into the repository together. They are written into a hidden folder first; then it
 * is decided that the certificate exists (its line in ca.db; for one that came from elsewhere, the folder's next name); then
 * they are moved to where they belong. Whatever kills this in between, heal.ts ends it one way or the other.
 */
export const STAGED = {
  /** Of a certificate that exists as soon as ca.db has its serial number. */
  issuing: '.issuing-',
  /** Of one from elsewhere: not whole yet, and whole. */
  importing: '.importing-',
  imported: '.imported-',
} as const;

export interface RepositoryEntry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly isSecret: boolean;
}

export interface Staged {
  readonly folder: string;
}

/** Throws STORE_FULL or INVALID_ARGUMENT, and nothing is left of it. */
export async function stage(
  { repository }: Layout,
  folderName: string,
  files: readonly RepositoryEntry[],
): Promise<Staged> {
  const folder = join(repository, folderName);
  try {
    await mkdir(folder, { mode: MODE.folder });
    for (const { name, content, isSecret } of files)
      await writeNewFile(join(folder, name), content, isSecret ? MODE.secret : MODE.open);
    await syncFolder(folder);
    await syncFolder(repository);
    return { folder };
  } catch (error) {
    await discard({ folder }).catch(() => undefined);
    throw fileError(folder, error);
  }
}

export const discard = ({ folder }: Staged): Promise<void> => rm(folder, { recursive: true, force: true });

/** Moves what is staged into the repository, as far as it is not there yet. */
export async function unstage({ repository }: Layout, { folder }: Staged): Promise<void> {
  try {
    for (const name of await readdir(folder)) await rename(join(folder, name), join(repository, name));
    await syncFolder(repository);
    await rmdir(folder);
  } catch (error) {
    throw fileError(folder, error);
  }
}
