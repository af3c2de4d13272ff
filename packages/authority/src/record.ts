import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import type { DatabaseEntry } from './ca-database.ts';
import { writeDatabase } from './database-file.ts';
import { entryOf } from './find-unrecorded.ts';
import { heal } from './heal.ts';
import { fileNames, type Layout, REPOSITORY_FILES, type RepositoryFile } from './layout.ts';
import { withLock } from './lock.ts';
import {
  type FileToWrite,
  STAGED,
  type Staged,
  type StagedFolder,
  stage,
  stagedFolder,
  unstage,
  unstageFolder,
  writeFolder,
} from './stage.ts';

/** A certificate that was signed and that nobody has seen yet. */
export interface Signed {
  readonly der: Buffer;
  /** As the names of its files have them. */
  readonly serial: string;
  readonly host: string;
  readonly files: RepositoryContents;
  /** A folder below the authority's that comes into being with it: that of an authority of its own. */
  readonly folder?: { readonly name: string; readonly files: readonly FileToWrite[] } | undefined;
}

export type RepositoryContents = Readonly<Partial<Record<RepositoryFile, Uint8Array>>>;
/** Absolute paths. */
export type RepositoryPaths = Readonly<Partial<Record<RepositoryFile, string>>>;

/**
 * Makes certificates exist: in ca.db first, then in the repository. Whatever kills it, each is whole and in ca.db after the
 * next run, or there is nothing of it. Resolves to where their files are. Throws CONFIG_INVALID, STORE_FULL,
 * STORE_UNAVAILABLE or INVALID_ARGUMENT.
 */
export const record = (layout: Layout, all: readonly Signed[]): Promise<RepositoryPaths[]> =>
  withLock(layout.lock, async () => {
    const entries = await heal(layout);
    checkSerials(entries, all);
    try {
      const staged = await stageAll(layout, all);
      const folders = await stageFolders(layout, all);
      await writeDatabase(layout, [...entries, ...all.map(({ der }) => entryOf(new X509Certificate(der)))]);
      for (const one of staged) await unstage(layout, one);
      for (const one of folders) await unstageFolder(layout, one);
    } catch (error) {
      // Onwards or back, as ca.db has it; if that fails too, the next run does it.
      await heal(layout).catch(() => undefined);
      throw error;
    }
    return all.map((signed) => pathsOf(layout, signed));
  });

async function stageAll(layout: Layout, all: readonly Signed[]): Promise<Staged[]> {
  const staged: Staged[] = [];
  for (const signed of all)
    staged.push(await stage(layout, STAGED.issuing + signed.serial, entriesOf(signed)));
  return staged;
}

async function stageFolders(layout: Layout, all: readonly Signed[]): Promise<StagedFolder[]> {
  const staged: StagedFolder[] = [];
  for (const { serial, folder } of all) {
    if (folder === undefined) continue;
    const one = stagedFolder(layout, serial, folder.name);
    await writeFolder(one.folder, folder.files, ['repository']);
    staged.push(one);
  }
  return staged;
}

export function entriesOf({ serial, host, files }: Pick<Signed, 'serial' | 'host' | 'files'>): FileToWrite[] {
  const names = fileNames(serial, host);
  return REPOSITORY_FILES.flatMap((file) => {
    const content = files[file];
    const isSecret = file === 'privateKey' || file === 'pfx';
    return content === undefined ? [] : [{ name: names[file], content, isSecret }];
  });
}

export function pathsOf(
  { repository }: Layout,
  { serial, host, files }: Pick<Signed, 'serial' | 'host' | 'files'>,
): RepositoryPaths {
  const names = fileNames(serial, host);
  const made = REPOSITORY_FILES.filter((file) => files[file] !== undefined);
  return Object.fromEntries(made.map((file) => [file, join(repository, names[file])]));
}

function checkSerials(entries: readonly DatabaseEntry[], all: readonly Signed[]): void {
  const known = new Set(entries.map(({ serial }) => serial));
  for (const { serial } of all) {
    if (known.has(serial))
      throw new AppError('OBJECT_EXISTS', `The serial number ${serial} was given already`, {
        fix: 'Run it again: it takes another one.',
        details: { serial },
      });
    known.add(serial);
  }
}
