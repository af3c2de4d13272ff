import { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import type { RedisClient } from '@sealtrack/redis/connect';
import { isNewer } from '../domain/recording-event.ts';
import type { Added, RecordingIndex } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import {
  countedKey,
  encryptedToKeys,
  quarantinedKey,
  recordingIdOf,
  recordingKey,
  timelineEntry,
  timelineKey,
} from './redis-keys.ts';

// One step each, so that a recording is never in the timeline, counted with a certificate or among those in quarantine
// without being there, nor the other way round. See redis-certificate-index.ts for KEYS[3] and those after the fourth.
const ADD = `
local existing = redis.call('GET', KEYS[1])
if existing then return {0, existing} end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[2])
redis.call('HINCRBY', KEYS[3], 'recordings', 1)
if ARGV[3] == 'quarantined' then redis.call('ZADD', KEYS[4], 0, ARGV[2]) end
for i = 5, #KEYS do redis.call('ZADD', KEYS[i], 0, ARGV[2]) end
return {1, ARGV[1]}`;

// Only in the place of what it was decided for: ARGV[4], which is ARGV[5] in the sets. The first ARGV[6] of the sets are
// those it was in. It was in none when an older version put it there, and is counted now.
const REPLACE = `
if redis.call('GET', KEYS[1]) ~= ARGV[4] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[5])
redis.call('ZADD', KEYS[2], 0, ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[5])
if ARGV[3] == 'quarantined' then redis.call('ZADD', KEYS[4], 0, ARGV[2]) end
local counted = 0
local new = 5 + tonumber(ARGV[6])
for i = 5, new - 1 do counted = counted + redis.call('ZREM', KEYS[i], ARGV[5]) end
for i = new, #KEYS do redis.call('ZADD', KEYS[i], 0, ARGV[2]) end
if counted == 0 then redis.call('HINCRBY', KEYS[3], 'recordings', 1) end
return 1`;

/** An entry changes only when it is re-wrapped, so one that changes so often under the hands is none that can be compared. */
const REPLACE_TRIES = 20;

/**
 * A page ends early when it holds so much: a message takes 4 MiB, and a single recording can have 210 KB of attributes.
 */
const ENOUGH_BYTES = 1.5 * 1024 * 1024;
const AT_A_TIME = 10;

const decode = (json: string): Recording => Recording.fromJSON(JSON.parse(json));
const isQuarantined = ({ quarantineReason }: Recording): boolean => quarantineReason !== '';

/** The first four keys, and the first three arguments, of both scripts. */
const ownKeys = ({ tenantId, recordingId }: Recording): string[] => [
  recordingKey(tenantId, recordingId),
  timelineKey(tenantId),
  countedKey(tenantId),
  quarantinedKey(tenantId),
];
const argumentsOf = (recording: Recording): string[] => [
  JSON.stringify(Recording.toJSON(recording)),
  timelineEntry(recording),
  isQuarantined(recording) ? 'quarantined' : '',
];

/** The index in Redis, whose append-only file makes it durable; the media store can rebuild it. */
export function createRedisIndex(redis: RedisClient): RecordingIndex {
  const readSome = async (tenantId: TenantId, entries: readonly string[]): Promise<string[]> => {
    const found = await redis.mget(entries.map((entry) => recordingKey(tenantId, recordingIdOf(entry))));
    return found.filter((json) => json !== null);
  };

  const add = async (recording: Recording): Promise<Added> => {
    const keys = [...ownKeys(recording), ...encryptedToKeys(recording)];
    const [added, kept] = (await redis.eval(ADD, keys.length, ...keys, ...argumentsOf(recording))) as [
      number,
      string,
    ];
    return { recording: decode(kept), added: added === 1 };
  };

  const replace = async (json: string, existing: Recording, recording: Recording): Promise<boolean> => {
    const before = encryptedToKeys(existing);
    const keys = [...ownKeys(recording), ...before, ...encryptedToKeys(recording)];
    const expected = [json, timelineEntry(existing), before.length];
    const done = await redis.eval(REPLACE, keys.length, ...keys, ...argumentsOf(recording), ...expected);
    return done === 1;
  };

  const rewrap = async (recording: Recording): Promise<Added> => {
    for (let tries = 0; tries < REPLACE_TRIES; tries += 1) {
      const json = await redis.get(recordingKey(recording.tenantId, recording.recordingId));
      if (json === null) {
        const answer = await add(recording);
        if (answer.added) return answer;
        continue;
      }
      const existing = decode(json);
      if (!isNewer(recording, existing)) return { recording: existing, added: false };
      const next = { ...recording, storedAt: existing.storedAt };
      if (await replace(json, existing, next)) return { recording: next, added: false };
    }
    throw new AppError('INTERNAL', 'The entry of the recording in the index cannot be replaced', {
      fix: 'Was it changed by hand? Delete it in Redis and have the index read the events again: docs/operations.md.',
      details: { recording_id: recording.recordingId },
    });
  };

  return {
    add: (recording) => orUnavailable(() => add(recording)),
    rewrap: (recording) => orUnavailable(() => rewrap(recording)),
    get: (tenantId, recordingId) =>
      orUnavailable(async () => {
        const json = await redis.get(recordingKey(tenantId, recordingId));
        return json === null ? undefined : decode(json);
      }),
    list: (tenantId, { limit, from, quarantined }) =>
      orUnavailable(async () => {
        const start = from === undefined ? '+' : `(${from}`;
        const key = quarantined ? quarantinedKey(tenantId) : timelineKey(tenantId);
        const entries = await redis.zrevrangebylex(key, start, '-', 'LIMIT', 0, limit + 1);
        const recordings: Recording[] = [];
        let shown = 0;
        for (let bytes = 0; shown < Math.min(limit, entries.length) && bytes < ENOUGH_BYTES; ) {
          const some = entries.slice(shown, Math.min(shown + AT_A_TIME, limit));
          const found = await readSome(tenantId, some);
          shown += some.length;
          bytes += found.reduce((sum, json) => sum + Buffer.byteLength(json), 0);
          recordings.push(...found.map(decode));
        }
        return {
          // One may have been re-wrapped since its place in the quarantine was read.
          recordings: quarantined ? recordings.filter(isQuarantined) : recordings,
          next: shown < entries.length ? entries[shown - 1] : undefined,
        };
      }),
  };
}
