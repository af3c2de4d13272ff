import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, link, open, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';

export interface OutputFileOptions {
  /** Replace a file that is there; otherwise it is an error, and the file stays as it is. */
  readonly force?: boolean;
  /** Permissions; only the owner may read unless told. */
  readonly mode?: number;
  /** A file whose permissions, and as far as allowed whose owner, the new one gets instead. */
  readonly sameAs?: string;
}

/**
 * Writes the stream to `path`, which appears only when the stream has ended well: a recording that failed half-way
 * never lies there looking like one. Resolves to the bytes written. Throws OBJECT_EXISTS, STORE_FULL, INVALID_ARGUMENT
 * (the folder cannot be written), or what the stream throws.
 */
export async function writeOutputFile(
  path: string,
  content: AsyncIterable<Uint8Array>,
  { force = false, mode = 0o600, sameAs }: OutputFileOptions = {},
): Promise<number> {
  if (!force) await refuseExisting(path);
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.partial`);
  let bytes = 0;
  const file = await open(draft, 'wx', mode).catch((error: unknown) => {
    throw unwritable(path, error);
  });
  try {
    try {
      for await (const chunk of content) {
        await writeWhole(file, chunk).catch((error: unknown) => {
          throw unwritable(path, error);
        });
        bytes += chunk.byteLength;
      }
      if (sameAs !== undefined) await takeAfter(file, sameAs);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(draft, path, force);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error;
  }
  return bytes;
}

/** Before any work is done, so that nobody waits for a download that has nowhere to go. */
export async function refuseExisting(path: string): Promise<void> {
  const exists = await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (exists) throw alreadyThere(path);
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) at += (await file.write(chunk, at)).bytesWritten;
}

async function takeAfter(file: FileHandle, path: string): Promise<void> {
  const { uid, gid, mode } = await stat(path);
  // Only the superuser may give files away; for others it is theirs already, or stays so.
  await file.chown(uid, gid).catch(() => {});
  await file.chmod(mode & 0o777);
}

async function publish(draft: string, path: string, force: boolean): Promise<void> {
  if (force)
    return rename(draft, path).catch((error: unknown) => {
      throw unwritable(path, error);
    });
  try {
    // Unlike a rename, a link never replaces a file that came up meanwhile.
    await link(draft, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') throw alreadyThere(path);
    // Some file systems have no links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw unwritable(path, error);
    await refuseExisting(path);
    return rename(draft, path);
  }
  await unlink(draft);
}

const alreadyThere = (path: string): AppError =>
  new AppError('OBJECT_EXISTS', `${path} is already there`, {
    fix: 'Give another path in --out, or replace the file with --force.',
    details: { file: path },
  });

function unwritable(path: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const details = { file: path, ...(code === '' ? {} : { code }) };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('STORE_FULL', `There is no room left for ${path}`, {
      fix: 'Free some space, or write to another disk.',
      details,
      cause,
    });
  return new AppError('INVALID_ARGUMENT', `${path} cannot be written`, {
    fix: 'Give a path in a folder that exists and that you may write to.',
    details,
    cause,
  });
}
