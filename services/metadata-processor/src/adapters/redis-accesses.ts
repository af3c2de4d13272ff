import { Access } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RedisClient } from '@sealtrack/redis/connect';
import type { AccessCount, AccessIndex, RecordedAccess } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { accessesKey, timelineTime } from './redis-keys.ts';

const KEPT = 100;

/*
 * A hash: the last accesses by their place in the audit trail (time stored, ":", sequence); "#<action>" is how many there were,
 * "@<action>" the time of the last one, "kept" how many are there, and "floor" the place of the last that was let go. What comes again is
 * there already, or at the floor or below. What comes for the first time is above it: records come nearly in order, and not a hundred
 * of one recording at a time.
 *
 * ARGV: 1 its place, 2 the access, 3 the action, 4 its time in ISO 8601, 5 how many are kept.
 */
const ADD = `
local floor = redis.call('HGET', KEYS[1], 'floor')
if floor and ARGV[1] <= floor then return 0 end
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], '#' .. ARGV[3], 1)
local last = redis.call('HGET', KEYS[1], '@' .. ARGV[3])
if not last or last < ARGV[4] then redis.call('HSET', KEYS[1], '@' .. ARGV[3], ARGV[4]) end
if redis.call('HINCRBY', KEYS[1], 'kept', 1) <= tonumber(ARGV[5]) then return 1 end
local oldest
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.match(field, '^%d') and (not oldest or field < oldest) then oldest = field end
end
redis.call('HDEL', KEYS[1], oldest)
redis.call('HSET', KEYS[1], 'floor', oldest)
redis.call('HINCRBY', KEYS[1], 'kept', -1)
return 1`;

const placeOf = ({ stored, sequence }: RecordedAccess): string =>
  `${timelineTime(stored.getTime())}:${String(sequence).padStart(15, '0')}`;

export function createRedisAccesses(redis: RedisClient): AccessIndex {
  return {
    add: (recorded) =>
      orUnavailable(async () => {
        const { tenantId, recordingId, access, stored } = recorded;
        const json = JSON.stringify(Access.toJSON(access));
        const at = (access.at ?? stored).toISOString();
        const key = accessesKey(tenantId, recordingId);
        await redis.eval(ADD, 1, key, placeOf(recorded), json, access.action, at, KEPT);
      }),
    list: (tenantId, recordingId) =>
      orUnavailable(async () => {
        const all = Object.entries(await redis.hgetall(accessesKey(tenantId, recordingId)));
        return all
          .filter(([place]) => /^\d/.test(place))
          .sort(([one], [other]) => (one < other ? 1 : -1))
          .map(([, json]) => Access.fromJSON(JSON.parse(json)));
      }),
    counts: (tenantId, recordingId) =>
      orUnavailable(async () => {
        const actions = ['play', 'export', 'waveform'];
        const fields = actions.flatMap((action) => [`#${action}`, `@${action}`]);
        const values = await redis.hmget(accessesKey(tenantId, recordingId), ...fields);
        return new Map<string, AccessCount>(
          actions.flatMap((action, n) => {
            const [times, last] = [values[2 * n], values[2 * n + 1]];
            return times && last ? [[action, { times: BigInt(times), last: new Date(last) }] as const] : [];
          }),
        );
      }),
  };
}
