import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import { z } from 'zod';
import type { ProfileSnapshot } from '../domain/profile-entry.ts';
import type { Clock, ProfileStore, StoredProfiles } from '../ports.ts';

const NAME = 'profiles.snapshot';
const FORMAT = 'sealtrack.profiles.v1';
const MAX_BYTES = 2 * 1024 ** 3 - 1;
/** What is hashed or written in a turn of the event loop: about a millisecond. */
const PIECE_BYTES = 512 * 1024;
const LEFTOVER_MS = 10 * 60_000;
const WRITABLE_BY_OTHERS = 0o022;

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  revision: z.int().min(0),
  currentAt: z.iso.datetime(),
  savedAt: z.iso.datetime(),
  entries: z.int().min(0),
  sha256: z.string(),
});

export interface SnapshotFileDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The profiles in a file of a folder that only this service writes to: a line of JSON that says what follows, with the
 * SHA-256 of that; then for each entry a line `<key> <revision> <bytes>`, and the entry as it is in the bucket with a line
 * break. There is nothing secret in it, and everything depends on nobody else having written it.
 * @throws AppError CONFIG_INVALID when the folder cannot be used, or others may write to it.
 */
export async function openSnapshotFile(dir: string, { clock, log }: SnapshotFileDeps): Promise<ProfileStore> {
  await checkFolder(dir);
  await removeLeftovers(dir, clock());
  const path = join(dir, NAME);
  return {
    async read() {
      try {
        await checkFolder(dir);
        return parse(await readOwn(path));
      } catch (error) {
        if (!isMissing(error)) log.error({ err: error, path }, 'the stored profiles are not used');
        return undefined;
      }
    },
    async write(snapshot, currentAt) {
      const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        await writeSynced(temporary, await headerOf(snapshot, currentAt, clock()), snapshot);
        await rename(temporary, path);
        await syncFolder(dir);
      } catch (cause) {
        await unlink(temporary).catch(() => {});
        throw new AppError('STORE_UNAVAILABLE', `The profiles cannot be stored in ${dir}`, {
          fix: 'Check that there is room, and that the user of this service may write there.',
          cause,
        });
      }
    },
  };
}

async function checkFolder(dir: string): Promise<void> {
  const fix = `Make SEALTRACK_STATE_DIR a folder of this service's own: chmod 700 ${dir}`;
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const { mode, uid } = await stat(dir);
    // Its owner may rename what is in it, whoever owns that.
    const isOwn = uid === process.getuid?.() || uid === 0;
    if (isOwn && (mode & WRITABLE_BY_OTHERS) === 0) return;
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `The folder ${dir} cannot be used`, { fix, cause });
  }
  throw new AppError('CONFIG_INVALID', `The folder ${dir} can be written to by other users`, { fix });
}

/** Of a crash. Another encryptor may be writing one, if the folder is not this one's own. */
async function removeLeftovers(dir: string, now: Date): Promise<void> {
  const names = (await readdir(dir)).filter((name) => name.startsWith(NAME) && name.endsWith('.tmp'));
  for (const name of names) {
    const path = join(dir, name);
    const age = now.getTime() - (await stat(path).catch(() => ({ mtimeMs: now.getTime() }))).mtimeMs;
    if (age > LEFTOVER_MS) await unlink(path).catch(() => {});
  }
}

async function readOwn(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    // Of the open file, so that it cannot be exchanged between the question and the reading.
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > MAX_BYTES) throw new Error('it is no file of profiles');
    if ((stats.mode & WRITABLE_BY_OTHERS) !== 0) throw new Error('other users may write to it');
    if (stats.uid !== process.getuid?.()) throw new Error('it belongs to another user');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** @throws Error when it is damaged. */
function parse(file: Buffer): StoredProfiles {
  const lineEnd = file.indexOf('\n');
  const header = headerSchema.parse(JSON.parse(file.toString('utf8', 0, lineEnd)));
  const rest = file.subarray(lineEnd + 1);
  if (createHash('sha256').update(rest).digest('hex') !== header.sha256)
    throw new Error('it is damaged: its checksum is another');
  const entries: StoredProfiles['entries'][number][] = [];
  for (let at = 0; at < rest.length; ) {
    const end = rest.indexOf('\n', at);
    const [key = '', revision, bytes] = rest.toString('utf8', at, end).split(' ');
    const from = end + 1;
    at = from + Number(bytes) + 1;
    entries.push({ key, revision: Number(revision), value: rest.subarray(from, at - 1) });
  }
  if (entries.length !== header.entries) throw new Error('it has another number of entries than it says');
  return {
    entries,
    revision: header.revision,
    currentAt: new Date(header.currentAt),
    savedAt: new Date(header.savedAt),
  };
}

async function headerOf(snapshot: ProfileSnapshot, currentAt: Date, savedAt: Date): Promise<string> {
  const hash = createHash('sha256');
  for (const piece of piecesOf(snapshot)) {
    for (const part of piece) hash.update(part);
    await turn();
  }
  const header: z.infer<typeof headerSchema> = {
    format: FORMAT,
    revision: snapshot.revision,
    currentAt: currentAt.toISOString(),
    savedAt: savedAt.toISOString(),
    entries: snapshot.entries.size,
    sha256: hash.digest('hex'),
  };
  return `${JSON.stringify(header)}\n`;
}

async function writeSynced(path: string, header: string, snapshot: ProfileSnapshot): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeAll(handle, [Buffer.from(header)]);
    for (const piece of piecesOf(snapshot)) await writeAll(handle, piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  const bytes = Buffer.concat(parts);
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

const LINE_BREAK = Buffer.from('\n');

/** The snapshot does not change, so it is the same each time. */
function* piecesOf({ entries }: ProfileSnapshot): Generator<readonly Uint8Array[]> {
  let piece: Uint8Array[] = [];
  let size = 0;
  for (const { key, revision, value } of entries.values()) {
    piece.push(Buffer.from(`${key} ${revision} ${value.length}\n`), value, LINE_BREAK);
    size += value.length;
    if (size < PIECE_BYTES) continue;
    yield piece;
    [piece, size] = [[], 0];
  }
  yield piece;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
