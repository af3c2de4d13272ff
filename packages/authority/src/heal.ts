import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DatabaseEntry } from './ca-database.ts';
import { readDatabase, restoreDatabase, writeDatabase } from './database-file.ts';
import { DRAFT_PREFIX, MODE, makeFolder, readIfThere, replaceFile } from './durable-files.ts';
import { fileError, isMissing } from './file-errors.ts';
import { findUnrecorded } from './find-unrecorded.ts';
import type { Layout } from './layout.ts';
import { withDir } from './openssl-config.ts';
import { formatNumberFile, newSerial, parseNumberFile, serialOf } from './serial-numbers.ts';
import { discard, parseStagedFolder, STAGED, unstage, unstageFolder } from './stage.ts';

/** What is left of locks that nobody waits at any more. */
const OLD_LOCK_MS = 10 * 60_000;

/**
 * Ends what killed runs, of ours and of OpenSSL, had begun, and makes ca.db and the repository agree: afterwards every
 * certificate is whole and in ca.db, or there is nothing of it. Under the authority's lock. Resolves to what ca.db holds.
 * Throws CONFIG_INVALID, STORE_FULL or INVALID_ARGUMENT.
 */
export async function heal(layout: Layout): Promise<DatabaseEntry[]> {
  await makeFolder(layout.repository);
  await removeDrafts(layout);
  await restoreDatabase(layout);
  const recorded = await readDatabase(layout);
  await finishStaged(layout, new Set(recorded.map(({ serial }) => serial)));
  const unrecorded = await findUnrecorded(layout, recorded);
  const entries = [...recorded, ...unrecorded];
  if (unrecorded.length > 0) await writeDatabase(layout, entries);
  await healSerial(layout, entries);
  await healConfig(layout);
  return entries;
}

/** The same for a folder of certificates that were issued elsewhere, which has no ca.db. */
export const healRepository = (layout: Layout): Promise<void> => finishStaged(layout, new Set());

/** Whatever was being written. Under the lock, nobody writes. */
export async function removeDrafts(layout: Layout): Promise<void> {
  for (const folder of [layout.dir, layout.config, layout.repository])
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      const isLockDraft = folder === layout.dir && name.startsWith(`${basename(layout.lock)}-`);
      if (name.startsWith(DRAFT_PREFIX) || (isLockDraft && (await isOld(path))))
        await rm(path, { force: true, recursive: true });
    }
}

async function finishStaged(layout: Layout, recorded: ReadonlySet<string>): Promise<void> {
  for (const name of await namesIn(layout.repository)) {
    const staged = { folder: join(layout.repository, name) };
    if (name.startsWith(STAGED.issuing)) {
      if (recorded.has(name.slice(STAGED.issuing.length))) await unstage(layout, staged);
      else await discard(staged);
    } else if (name.startsWith(STAGED.imported)) await unstage(layout, staged);
    else if (name.startsWith(STAGED.importing)) await discard(staged);
  }
  for (const name of await namesIn(layout.dir)) {
    const staged = parseStagedFolder(layout, name);
    if (staged === undefined) continue;
    if (recorded.has(staged.serial)) await unstageFolder(layout, staged);
    else await discard(staged);
  }
}

/** OpenSSL refuses to issue while the number it would take next was given already. */
async function healSerial({ serial }: Layout, entries: readonly DatabaseEntry[]): Promise<void> {
  const next = parseNumberFile((await readIfThere(serial))?.toString('latin1') ?? '');
  const isUsed = next !== undefined && entries.some((entry) => entry.serial === serialOf(next.toString(16)));
  if (next === undefined || isUsed) await replaceFile(serial, freshSerial(), MODE.open);
}

export const freshSerial = (): Buffer => Buffer.from(formatNumberFile(BigInt(`0x${newSerial()}`)));

/** The folder may have been moved, or copied. */
async function healConfig({ opensslConfig, dir }: Layout): Promise<void> {
  const config = (await readIfThere(opensslConfig))?.toString('utf8');
  const changed = config === undefined ? undefined : withDir(config, dir);
  if (changed !== undefined) await replaceFile(opensslConfig, Buffer.from(changed), MODE.open);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(folder, error);
  }
}

async function isOld(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts !== undefined && Date.now() - facts.mtimeMs > OLD_LOCK_MS;
}
