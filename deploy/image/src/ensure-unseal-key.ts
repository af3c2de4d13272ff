import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { RedisClient } from '@sealtrack/redis/connect';
import { createUnsealKeyFile, readUnsealKeyFile } from '@sealtrack/sealed-store/unseal-key';

/** Where `@sealtrack/sealed-store` keeps the keyring, and the private keys of every tenant. */
const SEALED_KEYS = 'st:{*}:key*';

/**
 * Makes a file with a new unseal key, unless there is a file, which is then checked.
 *
 * None is made while Redis holds a keyring or sealed keys: those would never open with a new one, and the file they need
 * is most often only missing, because Redis was restored and the file was not.
 * @throws AppError CONFIG_INVALID when the file is missing but needed, malformed, open to others or cannot be written.
 */
export async function ensureUnsealKey(path: string, redis: RedisClient): Promise<'created' | 'kept'> {
  if (await isThere(path)) return 'kept';
  if (await holdsSealedKeys(redis)) throw needed(path);
  try {
    await createUnsealKeyFile(path);
    return 'created';
  } catch (error) {
    if (!hasCode(error, 'OBJECT_EXISTS')) throw error;
    // Another process was quicker.
    await readUnsealKeyFile(path);
    return 'kept';
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await readUnsealKeyFile(path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

const hasErrno = (error: unknown, code: string): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === code;

async function holdsSealedKeys(redis: RedisClient): Promise<boolean> {
  for await (const keys of redis.scanStream({ match: SEALED_KEYS, count: 1_000 }))
    if (Array.isArray(keys) && keys.length > 0) return true;
  return false;
}

const needed = (path: string) =>
  new AppError(
    'CONFIG_INVALID',
    `The file of the unseal key, ${path}, is missing, and Redis holds keys sealed under it`,
    {
      fix: 'Restore the file from its backup, with mode 0600 and the owner of the service. Only if it is lost for ever: the private keys have to be imported again, into an empty Redis.',
    },
  );
