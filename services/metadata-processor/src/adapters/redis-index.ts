import { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import type { RedisClient } from '@sealtrack/redis/connect';
import { isUnavailable } from '@sealtrack/redis/is-unavailable';
import type { RecordingIndex } from '../ports.ts';

// The braces put all keys of a tenant into one cluster slot, so one script may touch them.
const recordingKey = (tenantId: string, recordingId: string) => `st:{${tenantId}}:recording:${recordingId}`;
const timelineKey = (tenantId: string) => `st:{${tenantId}}:recordings`;

/** A member of the timeline: it sorts by start, then id, as text. Microsecond digits leave room past the year 9999. */
const timelineEntry = ({ startedAt, recordingId }: Recording) =>
  `${String(startedAt?.getTime() ?? 0).padStart(16, '0')}:${recordingId}`;

// One step, so that a recording is never in the timeline without being there, nor the other way round.
const ADD = `
local existing = redis.call('GET', KEYS[1])
if existing then return existing end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[2])
return ARGV[1]`;

/** The index in Redis, whose append-only file makes it durable; the media store can rebuild it. */
export function createRedisIndex(redis: RedisClient): RecordingIndex {
  const decode = (json: string): Recording => Recording.fromJSON(JSON.parse(json));

  const readMany = async (tenantId: TenantId, ids: readonly string[]) => {
    if (ids.length === 0) return [];
    const found = await redis.mget(ids.map((id) => recordingKey(tenantId, id)));
    return found.filter((json) => json !== null).map(decode);
  };

  return {
    add: (recording) =>
      orUnavailable(async () => {
        const json = JSON.stringify(Recording.toJSON(recording));
        const keys = [
          recordingKey(recording.tenantId, recording.recordingId),
          timelineKey(recording.tenantId),
        ];
        return decode(String(await redis.eval(ADD, keys.length, ...keys, json, timelineEntry(recording))));
      }),
    get: (tenantId, recordingId) =>
      orUnavailable(async () => {
        const json = await redis.get(recordingKey(tenantId, recordingId));
        return json === null ? undefined : decode(json);
      }),
    list: (tenantId, limit, from) =>
      orUnavailable(async () => {
        const start = from === undefined ? '+' : `(${from}`;
        const entries = await redis.zrevrangebylex(timelineKey(tenantId), start, '-', 'LIMIT', 0, limit + 1);
        const shown = entries.slice(0, limit);
        const recordings = await readMany(
          tenantId,
          shown.map((entry) => entry.slice(entry.indexOf(':') + 1)),
        );
        return { recordings, next: entries.length > limit ? shown.at(-1) : undefined };
      }),
  };
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    throw new AppError('INDEX_UNAVAILABLE', 'The index of recordings cannot be reached', {
      fix: 'Check Redis (sealtrack doctor) and try again. Recordings go on being stored meanwhile.',
      cause,
    });
  }
}
