import { AppError } from '@sealtrack/errors/app-error';
import { isUnavailable } from '@sealtrack/redis/is-unavailable';

/** Where certificates are in Redis. The tenant in braces puts all of them into one slot of a Redis Cluster. */
export const certificateNames = (tenantId: string) => {
  const name = (what: string) => `st:{${tenantId}}:${what}`;
  return {
    certificate: (certificateId: string) => name(`certificate:${certificateId}`),
    /** The ids of those on one private key. */
    onKey: (keyId: string) => name(`key-certificates:${keyId}`),
    /** Every id there ever was, by the revision of its last change. */
    changes: name('certificate-changes'),
    revision: name('certificate-revision'),
  };
};

export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    throw new AppError('SEALED_STORE_UNAVAILABLE', 'The store of certificates and keys cannot be reached', {
      fix: 'Check Redis (sealtrack doctor) and try again.',
      cause,
    });
  }
}
