import { FailedCapture } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { RedisClient } from '@sealtrack/redis/connect';
import { fold } from '../domain/agents.ts';
import { hasWords } from '../domain/search.ts';
import type { DeadLetters, Failure, FailureIndex, PageOptions } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { failedKey, failuresKey, recordingKey, timelineTime } from './redis-keys.ts';
import { boundsOf, walk } from './walk.ts';

/** Of one recording, the newest: whoever tries for ever is told of the last times. */
const KEPT = 50;
/** How long it is known of a recording that there never was that its capture failed. */
const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1000;
const MOST = 2_000;
const AT_A_TIME = 50;

/*
 * KEYS: 1 the recording, 2 its failures, 3 the captures that wait. ARGV: 1 the dead letter, 2 its time and the failure, 3 the
 * recording's id, 4 the same time in ISO 8601, 5 how many are kept. It waits unless the recording was sealed since.
 */
const FAIL = `
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('PERSIST', KEYS[2])
local recording = redis.call('GET', KEYS[1])
if recording then
  local stored = cjson.decode(recording)
  recording = stored['encryptedAt'] or stored['storedAt']
end
if not recording or ARGV[4] > recording then
  redis.call('ZADD', KEYS[3], 0, string.sub(ARGV[2], 1, 16) .. ':' .. ARGV[1] .. ':' .. ARGV[3])
end
if ARGV[3] ~= '' and redis.call('HLEN', KEYS[2]) > tonumber(ARGV[5]) then
  local oldest, oldest_letter
  local all = redis.call('HGETALL', KEYS[2])
  for i = 1, #all, 2 do
    local at = string.sub(all[i + 1], 1, 16)
    if not oldest or at < oldest then oldest, oldest_letter = at, all[i] end
  end
  redis.call('HDEL', KEYS[2], oldest_letter)
  redis.call('ZREM', KEYS[3], oldest .. ':' .. oldest_letter .. ':' .. ARGV[3])
end
return 1`;

// KEYS as above. ARGV: 1 the place among those that wait, 2 the dead letter, 3 the recording's id, 4 milliseconds.
const FORGET = `
redis.call('ZREM', KEYS[3], ARGV[1])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[2], ARGV[2])
elseif redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end`;

const read = (value: string): FailedCapture => FailedCapture.fromJSON(JSON.parse(value.slice(17)));

/** Of a place among those that wait. */
function partsOf(entry: string) {
  const [, deadLetter = '', recordingId = ''] = entry.split(':');
  return { deadLetter, recordingId };
}

export function createRedisFailures(redis: RedisClient, deadLetters: DeadLetters): FailureIndex {
  const keysOf = (tenantId: string, recordingId: string) => [
    recordingKey(tenantId, recordingId),
    failuresKey(tenantId, recordingId),
    failedKey(tenantId),
  ];
  const forget = async (tenantId: TenantId, entry: string) => {
    const { deadLetter, recordingId } = partsOf(entry);
    const keys = keysOf(tenantId, recordingId);
    await redis.eval(FORGET, keys.length, ...keys, entry, deadLetter, recordingId, REMEMBERED_MS);
  };

  const add = async (failure: Failure): Promise<void> => {
    const { tenantId, recordingId, deadLetter, failedAt } = failure;
    const keys = keysOf(tenantId, recordingId);
    const value = `${timelineTime(failedAt.getTime())}:${JSON.stringify(FailedCapture.toJSON(failure))}`;
    const more = [value, recordingId, failedAt.toISOString(), KEPT];
    await redis.eval(FAIL, keys.length, ...keys, String(deadLetter), ...more);
  };

  const list = async (tenantId: TenantId, { limit, after, search }: PageOptions) => {
    const isThere = (await deadLetters.waiting()) ?? (() => true);
    const words = search.words.map(fold);
    return walk(redis, {
      range: { key: failedKey(tenantId), ...boundsOf({ after, search }) },
      ...{ limit, most: MOST, atATime: AT_A_TIME },
      read: (entries) =>
        Promise.all(
          entries.map((entry) => {
            const { deadLetter, recordingId } = partsOf(entry);
            if (!isThere(Number(deadLetter))) return null;
            return redis.hget(failuresKey(tenantId, recordingId), deadLetter);
          }),
        ),
      accept: (value) => {
        const failure = read(value);
        const { recordingId, profileId, reason } = failure;
        if (search.profileId !== undefined && profileId !== search.profileId) return undefined;
        return hasWords([recordingId, profileId, reason], words) ? failure : undefined;
      },
    });
  };

  const of = async (tenantId: TenantId, recordingId: RecordingId): Promise<FailedCapture[]> => {
    const values = Object.values(await redis.hgetall(failuresKey(tenantId, recordingId)));
    if (values.length === 0) return [];
    const isThere = (await deadLetters.waiting()) ?? (() => true);
    const scores = await Promise.all(
      values.map((value) => {
        const { deadLetter } = read(value);
        return redis.zscore(failedKey(tenantId), `${value.slice(0, 16)}:${deadLetter}:${recordingId}`);
      }),
    );
    return values.map((value, at) => {
      const failure = read(value);
      const waits = scores[at] !== null && isThere(Number(failure.deadLetter));
      return waits ? failure : { ...failure, deadLetter: 0n };
    });
  };

  const forgetGone = async (tenantId: TenantId): Promise<void> => {
    const isThere = await deadLetters.waiting();
    if (isThere === undefined) return;
    for (let after = '-'; ; ) {
      const entries = await redis.zrangebylex(failedKey(tenantId), after, '+', 'LIMIT', 0, MOST);
      const gone = entries.filter((entry) => !isThere(Number(partsOf(entry).deadLetter)));
      for (const entry of gone) await forget(tenantId, entry);
      const last = entries.at(-1);
      if (last === undefined || entries.length < MOST) return;
      after = `(${last}`;
    }
  };

  return {
    add: (failure) => orUnavailable(() => add(failure)),
    list: (tenantId, options) => orUnavailable(() => list(tenantId, options)),
    of: (tenantId, recordingId) => orUnavailable(() => of(tenantId, recordingId)),
    forgetGone: (tenantId) => orUnavailable(() => forgetGone(tenantId)),
  };
}
