import { copyFile, rename } from 'node:fs/promises';
import { AppError } from '@sealtrack/errors/app-error';
import { type DatabaseEntry, formatDatabase, parseDatabase } from './ca-database.ts';
import { MODE, readIfThere, replaceFile } from './durable-files.ts';
import { fileError, isMissing } from './file-errors.ts';
import type { Layout } from './layout.ts';

/** Throws CONFIG_INVALID: the file is damaged, or away. */
export async function readDatabase({ database }: Layout): Promise<DatabaseEntry[]> {
  const file = await readIfThere(database);
  if (file !== undefined) return parseDatabase(file.toString('latin1'), database);
  throw new AppError('CONFIG_INVALID', `${database} is not there, and it says what this authority issued`, {
    fix: `Put a copy of it back, such as ${database}.old. Without it, serial numbers and revocations would be forgotten.`,
    details: { file: database },
  });
}

/** Keeps the one before as ca.db.old, as OpenSSL does. Throws STORE_FULL or INVALID_ARGUMENT. */
export async function writeDatabase({ database }: Layout, entries: readonly DatabaseEntry[]): Promise<void> {
  await copyFile(database, `${database}.old`).catch((error: unknown) => {
    if (!isMissing(error)) throw fileError(database, error);
  });
  await replaceFile(database, Buffer.from(formatDatabase(entries), 'latin1'), MODE.open);
}

/** OpenSSL renames the database away, and then the new one in; it may have been killed between the two. */
export async function restoreDatabase({ database }: Layout): Promise<void> {
  if ((await readIfThere(database)) !== undefined) return;
  await rename(`${database}.new`, database).catch((error: unknown) => {
    if (!isMissing(error)) throw fileError(database, error);
  });
}
