import { AppError } from '@sealtrack/errors/app-error';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? '';

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';
export const isThere = (error: unknown): boolean => codeOf(error) === 'EEXIST';

const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT'];
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not do that',
  EPERM: 'this user may not do that',
  EROFS: 'its disk is read-only',
  ENOENT: 'its folder is not there',
  ENOTDIR: 'something in its path is no folder',
  EEXIST: 'it is there already',
  EISDIR: 'it is a folder',
};

/** What the file system said, for people; what is an error of ours already stays as it is. */
export function fileError(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const details = { file: path, ...(code === '' ? {} : { code }) };
  if (NO_ROOM.includes(code))
    return new AppError('STORE_FULL', `There is no room left for ${path}`, {
      fix: 'Free some space and run it again: nothing half-written counts.',
      details,
      cause: error,
    });
  return new AppError(
    'INVALID_ARGUMENT',
    `${path} cannot be read or written: ${REASONS[code] ?? 'the disk refused it'}`,
    { fix: 'Check the path and who owns it, and run it again.', details, cause: error },
  );
}

/** A file of the folder that is not what it was. */
export const damaged = (path: string, problem: string, cause?: unknown): AppError =>
  new AppError('CONFIG_INVALID', `${path} ${problem}`, {
    fix: 'Put a copy of the file back, from a backup of the folder.',
    details: { file: path },
    cause,
  });
