import type { RedisClient } from '@sealtrack/redis/connect';
import type { CertificateIndex } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { createCountedSets, UNCOUNTED } from './redis-counted-sets.ts';
import { countedKey, encryptedToKey, encryptedToKeys, timelineKey } from './redis-keys.ts';

const COUNT_EACH = `
if ${UNCOUNTED} ~= 0 then return false end
local counts = {}
for i = 3, #KEYS do counts[i - 2] = redis.call('ZCARD', KEYS[i]) end
return counts`;

export function createRedisCertificateIndex(redis: RedisClient): CertificateIndex {
  return {
    ...createCountedSets(redis, { counted: countedKey, sets: encryptedToKeys }),
    countEach: (tenantId, certificateIds) =>
      orUnavailable(async () => {
        const sets = certificateIds.map((id) => encryptedToKey(tenantId, id));
        const keys = [timelineKey(tenantId), countedKey(tenantId), ...sets];
        const counts = (await redis.eval(COUNT_EACH, keys.length, ...keys)) as number[] | null;
        return counts ?? undefined;
      }),
  };
}
