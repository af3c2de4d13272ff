import { AppError } from '@sealtrack/errors/app-error';
import { isUnavailable } from '@sealtrack/redis/is-unavailable';

/** Runs what asks Redis, and says SEALED_STORE_UNAVAILABLE when it cannot be reached. */
export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new AppError('SEALED_STORE_UNAVAILABLE', 'The store of sealed keys cannot be reached', {
      fix: 'Check that Redis runs and that SEALTRACK_REDIS_URL leads to it (sealtrack doctor), then try again.',
      cause: error,
    });
  }
}
