import type { RedisClient } from '@sealtrack/redis/connect';
import type { CountedSets } from '../ports.ts';
import { createCountedSets } from './redis-counted-sets.ts';
import { foundByKey, foundByKeys } from './redis-keys.ts';

/** The sets that searches use: of each profile and agent. */
export const createRedisFoundBy = (redis: RedisClient, agentAttributes: readonly string[]): CountedSets =>
  createCountedSets(redis, {
    counted: (tenantId) => foundByKey(tenantId, agentAttributes),
    sets: (recording) => foundByKeys(recording, agentAttributes),
  });
