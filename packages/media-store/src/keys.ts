import { AppError } from '@sealtrack/errors/app-error';

/**
 * Keys mean the same in a file system, a URL path and an S3 bucket: parts of A-Z, a-z, 0-9, `.`, `_` and `-`, each
 * starting with a letter or a digit, joined by `/`. So no part is `..`, hidden, empty or in need of escaping.
 */
const PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;
const PREFIX = /^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,254}\/)*(?:[A-Za-z0-9][A-Za-z0-9._-]{0,254})?$/;
/** What S3 allows. */
const MAX_KEY_LENGTH = 1024;

/** The parts of a key, at least one. @throws AppError INVALID_ARGUMENT. */
export function parseKey(key: string): readonly string[] {
  const parts = key.length > MAX_KEY_LENGTH ? [] : key.split('/');
  if (parts.length > 0 && parts.every((part) => PART.test(part))) return parts;
  throw invalid('key');
}

/** The start of a key: '' or `a/b`, `a/b/`. @throws AppError INVALID_ARGUMENT. */
export function checkPrefix(prefix: string): void {
  if (prefix.length > MAX_KEY_LENGTH || !PREFIX.test(prefix)) throw invalid('prefix');
}

// The text itself stays out of the message: it may hold anything.
const invalid = (field: string) =>
  new AppError('INVALID_ARGUMENT', `The ${field} of a stored object is malformed`, {
    fix: 'Give parts of A-Z, a-z, 0-9, ".", "_" and "-", each starting with a letter or digit, joined by "/", 1,024 characters at most.',
    details: { field },
  });
