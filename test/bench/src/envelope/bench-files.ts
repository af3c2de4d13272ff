import { randomBytes } from 'node:crypto';
import { mkdir, open, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { AppError } from '@sealtrack/errors/app-error';
import type { KeyFiles } from './engine.ts';

const POOL = 16 * 1024 * 1024;

/** Random bytes, which no engine can compress; the same 16 MiB over and over. On the disk when it resolves. */
export async function makePlaintext(path: string, size: number): Promise<void> {
  const pool = randomBytes(Math.min(POOL, size));
  await using file = await open(path, 'w');
  for (let done = 0; done < size; )
    done += (await file.write(pool, 0, Math.min(pool.length, size - done))).bytesWritten;
  // What is still to be written would slow down whatever is measured first.
  await file.sync();
}

export async function makeKeys(folder: string): Promise<KeyFiles> {
  const keys = {
    folder,
    certificate: join(folder, 'certificate.pem'),
    privateKey: join(folder, 'private-key.pem'),
  };
  await mkdir(folder, { mode: 0o700 });
  const made = await createSelfSigned({ commonName: 'Bench' });
  await writeFile(keys.certificate, made.certificatePem);
  await writeFile(keys.privateKey, made.privateKeyPem, { mode: 0o600 });
  made.privateKeyPem.fill(0);
  return keys;
}

/** Plaintext and one sealed file lie there together; some formats are longer by a fiftieth. */
const neededFor = (size: number): number => Math.ceil(2.05 * size) + POOL;

/** Throws CONFIG_INVALID when the folder's disk has too little room for the largest size. */
export async function checkRoom(folder: string, sizes: readonly number[]): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const needed = neededFor(Math.max(...sizes));
  if (free >= needed) return;
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  throw new AppError(
    'CONFIG_INVALID',
    `${folder} has ${gigabytes(free)} GB free, and ${gigabytes(needed)} are needed`,
    {
      fix: 'Make room, set TMPDIR to a folder on a larger disk, or give smaller --sizes.',
    },
  );
}

export const remove = (path: string): Promise<void> => rm(path, { force: true });
