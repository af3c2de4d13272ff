import { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { TenantId } from '@sealtrack/ids/ids';
import type { RedisClient } from '@sealtrack/redis/connect';
import type { RecordingIndex } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import {
  countedKey,
  encryptedToKeys,
  recordingIdOf,
  recordingKey,
  timelineEntry,
  timelineKey,
} from './redis-keys.ts';

// One step, so that a recording is never in the timeline, or counted with a certificate, without being there, nor the
// other way round. See redis-certificate-index.ts for KEYS[3] and those after it.
const ADD = `
local existing = redis.call('GET', KEYS[1])
if existing then return {0, existing} end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[2])
redis.call('HINCRBY', KEYS[3], 'recordings', 1)
for i = 4, #KEYS do redis.call('ZADD', KEYS[i], 0, ARGV[2]) end
return {1, ARGV[1]}`;

/**
 * A page ends early when it holds so much: a message takes 4 MiB, and a single recording can have 210 KB of attributes.
 */
const ENOUGH_BYTES = 1.5 * 1024 * 1024;
const AT_A_TIME = 10;

/** The index in Redis, whose append-only file makes it durable; the media store can rebuild it. */
export function createRedisIndex(redis: RedisClient): RecordingIndex {
  const decode = (json: string): Recording => Recording.fromJSON(JSON.parse(json));

  const readSome = async (tenantId: TenantId, entries: readonly string[]): Promise<string[]> => {
    const found = await redis.mget(entries.map((entry) => recordingKey(tenantId, recordingIdOf(entry))));
    return found.filter((json) => json !== null);
  };

  return {
    add: (recording) =>
      orUnavailable(async () => {
        const { tenantId, recordingId } = recording;
        const json = JSON.stringify(Recording.toJSON(recording));
        const keys = [
          recordingKey(tenantId, recordingId),
          timelineKey(tenantId),
          countedKey(tenantId),
          ...encryptedToKeys(recording),
        ];
        const answer = await redis.eval(ADD, keys.length, ...keys, json, timelineEntry(recording));
        const [added, kept] = answer as [number, string];
        return { recording: decode(kept), added: added === 1 };
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
