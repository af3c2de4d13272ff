import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { RedisClient } from '@sealtrack/redis/connect';
import { isUnavailable } from '@sealtrack/redis/is-unavailable';
import type { Certificates } from '../ports.ts';

const certificateKey = (tenantId: string, id: string) => `st:{${tenantId}}:certificate:${id}`;
const allKey = (tenantId: string) => `st:{${tenantId}}:certificates`;

// One step, so that a certificate that can be used can also be listed.
const ADD = `
redis.call('SADD', KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])`;

/** Certificates in Redis, beside their sealed keys. */
export function createRedisCertificates(redis: RedisClient): Certificates {
  const decode = (json: string): Certificate => Certificate.fromJSON(JSON.parse(json));
  return {
    add: (certificate) =>
      orUnavailable(async () => {
        const { tenantId, certificateId } = certificate;
        const json = JSON.stringify(Certificate.toJSON(certificate));
        const keys = [certificateKey(tenantId, certificateId), allKey(tenantId)];
        return decode(String(await redis.eval(ADD, keys.length, ...keys, json, certificateId)));
      }),
    get: (tenantId, certificateId) =>
      orUnavailable(async () => {
        const json = await redis.get(certificateKey(tenantId, certificateId));
        return json === null ? undefined : decode(json);
      }),
    list: (tenantId) =>
      orUnavailable(async () => {
        const ids = (await redis.smembers(allKey(tenantId))).sort();
        if (ids.length === 0) return [];
        const found = await redis.mget(ids.map((id) => certificateKey(tenantId, id)));
        return found.filter((json) => json !== null).map(decode);
      }),
  };
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
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
