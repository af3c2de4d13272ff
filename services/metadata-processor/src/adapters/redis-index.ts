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

/**
 * A page ends early when it holds so much: a message takes 4 MiB, and a single recording can have 210 KB of attributes.
 */
const ENOUGH_BYTES = 1.5 * 1024 * 1024;
const AT_A_TIME = 10;

/** The index in Redis, whose append-only file makes it durable; the media store can rebuild it. */
export function createRedisIndex(redis: RedisClient): RecordingIndex {
  const decode = (json: string): Recording => Recording.fromJSON(JSON.parse(json));

  const readSome = async (tenantId: TenantId, entries: readonly string[]): Promise<string[]> => {
    const ids = entries.map((entry) => entry.slice(entry.indexOf(':') + 1));
    const found = await redis.mget(ids.map((id) => recordingKey(tenantId, id)));
    return found.filter((json) => json !== null);
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
        const recordings: Recording[] = [];
        let shown = 0;
        for (let bytes = 0; shown < Math.min(limit, entries.length) && bytes < ENOUGH_BYTES; ) {
          const some = entries.slice(shown, Math.min(shown + AT_A_TIME, limit));
          const found = await readSome(tenantId, some);
          shown += some.length;
          bytes += found.reduce((sum, json) => sum + Buffer.byteLength(json), 0);
          recordings.push(...found.map(decode));
        }
        return { recordings, next: shown < entries.length ? entries[shown - 1] : undefined };
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
