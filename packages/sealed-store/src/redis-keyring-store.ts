import { AppError } from '@sealtrack/errors/app-error';
import type { RedisClient, RedisConnection } from '@sealtrack/redis/connect';
import { encodeRecord, type KeyringRecord, MAX_RECORD_LENGTH, parseRecord } from './keyring-record.ts';
import type { KeyringStore } from './keyring-store.ts';
import { orUnavailable } from './or-unavailable.ts';
import { type DurableOptions, writeDurably } from './write-durably.ts';

/** `_` is no tenant's name. */
const KEY = 'st:{_}:keyring';
/** Every record ends in its MAC, which no other has. */
const END_LENGTH = 64;

const SAVE = `
local now = redis.call('GET', KEYS[1]) or ''
if now == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])`;

/** The keyring in Redis, as one JSON text under `st:{_}:keyring`. */
export function createRedisKeyringStore(redis: RedisConnection, options: DurableOptions = {}): KeyringStore {
  const { client } = redis;
  return {
    load: () => orUnavailable(() => load(client)),
    isStored: (record) =>
      orUnavailable(
        async () => (await client.getrange(KEY, -END_LENGTH, -1)) === encodeRecord(record).slice(-END_LENGTH),
      ),
    save: (next, before) =>
      orUnavailable(async () => {
        const text = encodeRecord(next);
        const expected = before === undefined ? '' : encodeRecord(before);
        const stored = await writeDurably(client, options, (pipeline) =>
          pipeline.eval(SAVE, 1, KEY, expected, text),
        );
        if (stored !== text) return false;
        await readBack(redis, next);
        return true;
      }),
  };
}

async function load(client: RedisClient): Promise<KeyringRecord | undefined> {
  const text = await client.getrange(KEY, 0, MAX_RECORD_LENGTH);
  return text === '' ? undefined : parseRecord(text);
}

/** Over a connection of its own: a proxy, or this client, may have answered from what it was just told. */
async function readBack(redis: RedisConnection, saved: KeyringRecord): Promise<void> {
  await using other = redis.another('keyring read back');
  const found = await load(other.client);
  if (found !== undefined && (found.mac === saved.mac || found.revision > saved.revision)) return;
  throw new AppError('SEALED_STORE_UNAVAILABLE', 'Redis does not have the keyring it just confirmed', {
    fix: 'Make sure that SEALTRACK_REDIS_URL leads to the primary, and that nothing else writes or evicts st:* keys (maxmemory-policy noeviction). Then try again.',
  });
}
