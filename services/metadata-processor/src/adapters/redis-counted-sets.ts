import { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { isTenantId, type TenantId } from '@sealtrack/ids/ids';
import type { RedisClient } from '@sealtrack/redis/connect';
import type { CountedSets } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { recordingIdOf, recordingKey, timelineKey } from './redis-keys.ts';

/*
 * Every recording is in the sets of what it says (its certificates; its profile and agents), and counted as such, in one step
 * with its entry in the timeline. What an older version added, also one that runs beside this one during an upgrade, is in the
 * timeline only: then fewer are counted than there are, so that it shows, whoever added what and when. One that is re-wrapped
 * goes from the sets that it was in to its new ones in one step, and is counted from then on. Whatever takes a recording out of
 * the timeline has to take it out of the sets and lower `recordings` in the same step.
 */

/** KEYS: the timeline, and the hash that counts. */
export const UNCOUNTED = `redis.call('ZCARD', KEYS[1]) - tonumber(redis.call('HGET', KEYS[2], 'recordings') or '0')`;

// A recording that is new in one of its sets was not counted with all of them. One that has gone since it was read stays
// away, and one that was re-wrapped since then was counted with that, in other sets.
const COUNT_OLDER = `
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
if redis.call('GET', KEYS[3]) ~= ARGV[2] then return 0 end
local new = 0
for i = 4, #KEYS do new = new + redis.call('ZADD', KEYS[i], 0, ARGV[1]) end
if new == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], 'recordings', 1)
return 1`;

/** Recordings looked at in a step; one can be 210 KB. */
const AT_A_TIME = 50;
const KEYS_AT_A_TIME = 1_000;
const ANY_TIMELINE = timelineKey('*');
const [BEFORE_TENANT = '', AFTER_TENANT = ''] = ANY_TIMELINE.split('*');

/** Which sets, and the hash that counts who is in them. */
export interface CountedKeys {
  counted(tenantId: TenantId): string;
  sets(recording: Recording): readonly string[];
}

export function createCountedSets(redis: RedisClient, keysOf: CountedKeys): CountedSets {
  const readUncounted = async (tenantId: TenantId): Promise<number> =>
    Number(await redis.eval(`return ${UNCOUNTED}`, 2, timelineKey(tenantId), keysOf.counted(tenantId)));

  const countOne = async (tenantId: TenantId, entry: string, json: string): Promise<number> => {
    const sets = keysOf.sets(Recording.fromJSON(JSON.parse(json)));
    const recording = recordingKey(tenantId, recordingIdOf(entry));
    const keys = [timelineKey(tenantId), keysOf.counted(tenantId), recording, ...sets];
    return Number(await redis.eval(COUNT_OLDER, keys.length, ...keys, entry, json));
  };

  return {
    countOlder: (tenantId) =>
      orUnavailable(async () => {
        const counted = keysOf.counted(tenantId);
        const passed = await redis.hget(counted, 'passed');
        const from = passed ? `(${passed}` : '-';
        const entries =
          (await readUncounted(tenantId)) === 0
            ? []
            : await redis.zrangebylex(timelineKey(tenantId), from, '+', 'LIMIT', 0, AT_A_TIME);
        const last = entries.at(-1);
        if (last === undefined) {
          // The next pass, if there has to be one, begins at the beginning.
          await redis.hdel(counted, 'passed');
          return undefined;
        }
        const found = await redis.mget(entries.map((entry) => recordingKey(tenantId, recordingIdOf(entry))));
        const added = await Promise.all(
          entries.map((entry, i) => {
            const json = found[i];
            return json ? countOne(tenantId, entry, json) : 0;
          }),
        );
        await redis.hset(counted, 'passed', last);
        return added.reduce((sum, each) => sum + each, 0);
      }),
    uncounted: (tenantId) => orUnavailable(() => readUncounted(tenantId)),
    async *tenants() {
      let cursor = '0';
      do {
        const [next, keys] = await orUnavailable(() =>
          redis.scan(cursor, 'MATCH', ANY_TIMELINE, 'COUNT', KEYS_AT_A_TIME),
        );
        for (const key of keys) {
          const tenantId = key.slice(BEFORE_TENANT.length, -AFTER_TENANT.length);
          if (isTenantId(tenantId)) yield tenantId;
        }
        cursor = next;
      } while (cursor !== '0');
    },
  };
}
