import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MODE, makeFolder, syncFolder, writeNewFile } from './durable-files.ts';
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

export interface FileToWrite {
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
  files: readonly FileToWrite[],
): Promise<Staged> {
  await makeFolder(repository);
  return await writeFolder(join(repository, folderName), files);
}

/** A folder with files in it, of names that may have a folder before them, and with other folders that are empty. */
export async function writeFolder(
  folder: string,
  files: readonly FileToWrite[],
  empty: readonly string[] = [],
): Promise<Staged> {
  const within = files.map(({ name }) => dirname(join(folder, name)));
  const folders = new Set([...within, ...empty.map((name) => join(folder, name))]);
  try {
    await mkdir(folder, { mode: MODE.folder });
    for (const each of folders) await mkdir(each, { recursive: true, mode: MODE.folder });
    for (const { name, content, isSecret } of files)
      await writeNewFile(join(folder, name), content, isSecret ? MODE.secret : MODE.open);
    for (const each of [...folders, folder, dirname(folder)]) await syncFolder(each);
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

/** The folder of an authority below this one, which exists as soon as ca.db has the serial number of its certificate. */
export interface StagedFolder extends Staged {
  readonly serial: string;
  readonly name: string;
}

const CREATING = '.creating-';

export const stagedFolder = ({ dir }: Layout, serial: string, name: string): StagedFolder => ({
  ...{ serial, name },
  folder: join(dir, `${CREATING}${serial}-${name}`),
});

export function parseStagedFolder(layout: Layout, found: string): StagedFolder | undefined {
  const [, serial, name] = /^\.creating-([0-9A-F]+)-(.+)$/.exec(found) ?? [];
  return serial === undefined || name === undefined ? undefined : stagedFolder(layout, serial, name);
}

export async function unstageFolder({ dir }: Layout, { folder, name }: StagedFolder): Promise<void> {
  try {
    await rename(folder, join(dir, name));
    await syncFolder(dir);
  } catch (error) {
    throw fileError(join(dir, name), error);
  }
}
