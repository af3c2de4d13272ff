import { AppError } from '@sealtrack/errors/app-error';

/** The errno name ('ENOENT') of what Node's fs throws. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

export const objectExists = (key: string) =>
  new AppError('OBJECT_EXISTS', `There is already an object ${key}`, {
    fix: 'Use the one that is there, or store this one under another key: objects are never overwritten.',
    details: { key },
  });

export const objectNotFound = (key: string, cause?: unknown) =>
  new AppError('OBJECT_NOT_FOUND', `There is no object ${key}`, {
    fix: 'Check the key. If it should be there, check that the store is the right one and restore it from a backup.',
    details: { key },
    cause,
  });

const FULL_FIX =
  'Free space on the media store (or raise its quota), then try again: nothing of this object was left behind.';
const ACCESS_FIX =
  "Give the service's user read and write access to the media store's folder, on a file system that is mounted writable.";
const BUSY_FIX = "Raise the service's limit of open files (ulimit -n, LimitNOFILE), then try again.";
const OTHER_FIX =
  "Check that the media store's disk or share is mounted and healthy: the service's log has the system's own error. Then try again.";

/** What the file system threw, as an AppError. One that already is stays as it is. */
export function toStoreError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('STORE_FULL', 'The media store is full', { fix: FULL_FIX, cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return unavailable('The media store refuses access', ACCESS_FIX, error);
    case 'EMFILE':
    case 'ENFILE':
      return unavailable('The media store cannot open more files', BUSY_FIX, error);
    default:
      return unavailable('The media store cannot be used', OTHER_FIX, error);
  }
}

const unavailable = (message: string, fix: string, cause: unknown) =>
  new AppError('STORE_UNAVAILABLE', message, { fix, cause });

/** Runs work on the file system alone, so that what it throws is the store's error and not that of a source. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error);
  }
}
