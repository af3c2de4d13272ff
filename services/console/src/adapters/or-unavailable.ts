import { AppError } from '@sealtrack/errors/app-error';
import { isUnavailable } from '@sealtrack/redis/is-unavailable';

/** Redis that cannot be reached becomes INDEX_UNAVAILABLE; any other error stays what it is. */
export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    throw new AppError('INDEX_UNAVAILABLE', 'Accounts and sessions cannot be reached', {
      fix: 'Check Redis (sealtrack doctor) and try again. Nobody was signed out by this.',
      cause,
    });
  }
}
