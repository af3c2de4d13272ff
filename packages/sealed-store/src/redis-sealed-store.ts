import { AppError } from '@sealtrack/errors/app-error';
import { isKeyId, type KeyId, type TenantId } from '@sealtrack/ids/ids';
import type { RedisClient, RedisConnection } from '@sealtrack/redis/connect';
import { isUnavailable } from '@sealtrack/redis/is-unavailable';
import { MAX_SEALED_LENGTH } from './seal-format.ts';

/**
 * Where sealed private keys are kept. It never sees a key in the clear, and is not trusted: what it gives back is
 * checked when it is unsealed. Every method throws SEALED_STORE_UNAVAILABLE when the store does not answer in time.
 */
export interface SealedStore {
  /**
   * Durable when it resolves, and read back from the store. Putting the same blob again is fine.
   * @throws AppError OBJECT_EXISTS when another blob is stored for this key, which stays as it is.
   */
  put(tenantId: TenantId, keyId: KeyId, jwe: string): Promise<void>;
  /** The blob as it is stored, or undefined. */
  get(tenantId: TenantId, keyId: KeyId): Promise<string | undefined>;
  has(tenantId: TenantId, keyId: KeyId): Promise<boolean>;
  /** The keys held for a tenant, in no order. */
  list(tenantId: TenantId): AsyncIterable<KeyId>;
}

// The tenant in braces puts all of it in one slot of a Redis Cluster, as the script needs.
/** Where a sealed key is in Redis, and the set of all that a tenant has. */
export const sealedKeyNames = (tenantId: string, keyId: string) => ({
  blob: `st:{${tenantId}}:key:${keyId}`,
  all: `st:{${tenantId}}:keys`,
});
const blobKey = (tenantId: TenantId, keyId: KeyId) => `st:{${tenantId}}:key:${keyId}`;
const allKey = (tenantId: TenantId) => `st:{${tenantId}}:keys`;

// One step, so that a key that is held is also listed.
const PUT = `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
redis.call('SADD', KEYS[2], ARGV[2])
return redis.call('GET', KEYS[1])`;

/** Less than a command may take: see connectRedis. */
const FSYNC_TIMEOUT_MS = 3_000;

/**
 * Sealed keys in Redis, under `st:{<tenant>}:key:<key id>`. Redis keeps what it confirmed only with `appendonly yes`
 * and `appendfsync always`; from 7.2 on it is asked whether it has (WAITAOF), before it has to be believed.
 */
export function createRedisSealedStore(redis: RedisConnection): SealedStore {
  const { client } = redis;
  return {
    put: (tenantId, keyId, jwe) =>
      orUnavailable(async () => {
        if ((await putDurably(client, tenantId, keyId, jwe)) !== jwe) throw otherBlob(keyId);
        // Over a connection of its own: a proxy, or this client, may have answered from what it was just told.
        await using readBack = redis.another('sealed-store read back');
        if ((await readBack.client.get(blobKey(tenantId, keyId))) !== jwe)
          throw new AppError(
            'SEALED_STORE_UNAVAILABLE',
            'Redis does not have the sealed key it just confirmed',
            {
              fix: 'Make sure that SEALTRACK_REDIS_URL leads to the primary, and that nothing else writes or evicts st:* keys (maxmemory-policy noeviction). Then import the key again.',
            },
          );
      }),
    get: (tenantId, keyId) =>
      orUnavailable(async () => {
        // Never more than one character above what can be valid, whatever somebody put there.
        const jwe = await client.getrange(blobKey(tenantId, keyId), 0, MAX_SEALED_LENGTH);
        return jwe === '' ? undefined : jwe;
      }),
    has: (tenantId, keyId) =>
      orUnavailable(async () => (await client.exists(blobKey(tenantId, keyId))) === 1),
    list: (tenantId) => listKeys(client, tenantId),
  };
}

/** @returns the blob that is stored now, by us or before us. */
async function putDurably(
  client: RedisClient,
  tenantId: TenantId,
  keyId: KeyId,
  jwe: string,
): Promise<unknown> {
  // In one pipeline, because WAITAOF answers for the writes of its own connection, and a reconnect makes a new one.
  const [put, fsync] =
    (await client
      .pipeline()
      .eval(PUT, 2, blobKey(tenantId, keyId), allKey(tenantId), jwe, keyId)
      .call('WAITAOF', 1, 0, FSYNC_TIMEOUT_MS)
      .exec()) ?? [];
  if (put?.[0]) throw put[0];
  checkFsync(fsync);
  return put?.[1];
}

function checkFsync([error, answer]: readonly [Error | null, unknown] = [null, undefined]): void {
  if (error === null && Array.isArray(answer) && Number(answer[0]) >= 1) return;
  if (error !== null && /^ERR unknown command/i.test(error.message)) return;
  if (error !== null && isUnavailable(error)) throw error;
  throw new AppError('SEALED_STORE_UNAVAILABLE', 'Redis did not confirm that the sealed key is on its disk', {
    fix: 'Run Redis with "appendonly yes" and "appendfsync always", check its disk, then import the key again.',
    cause: error ?? undefined,
  });
}

async function* listKeys(client: RedisClient, tenantId: TenantId): AsyncGenerator<KeyId> {
  let cursor = '0';
  do {
    const [next, members] = await orUnavailable(() => client.sscan(allKey(tenantId), cursor, 'COUNT', 500));
    cursor = next;
    for (const member of members) if (isKeyId(member)) yield member;
  } while (cursor !== '0');
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new AppError('SEALED_STORE_UNAVAILABLE', 'The store of sealed keys cannot be reached', {
      fix: 'Check that Redis runs and that SEALTRACK_REDIS_URL leads to it (sealtrack doctor), then try again.',
      cause: error,
    });
  }
}

const otherBlob = (keyId: KeyId) =>
  new AppError('OBJECT_EXISTS', 'Another sealed blob is stored for this private key', {
    fix: 'The key is held already and stays as it is: use it. Nothing needs to be imported.',
    details: { keyId },
  });
