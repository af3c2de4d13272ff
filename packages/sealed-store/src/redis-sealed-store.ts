import { AppError } from '@sealtrack/errors/app-error';
import { isKeyId, isTenantId, type KeyId, type TenantId } from '@sealtrack/ids/ids';
import type { RedisClient, RedisConnection } from '@sealtrack/redis/connect';
import { orUnavailable } from './or-unavailable.ts';
import { MAX_SEALED_LENGTH, readSealHeader } from './seal-format.ts';
import { type DurableOptions, writeDurably } from './write-durably.ts';

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
  /**
   * Puts the same key under another seal, in one step; durable and read back as with `put`.
   * @returns false, and nothing is changed, when `before` is not what is stored.
   */
  replace(tenantId: TenantId, keyId: KeyId, before: string, jwe: string): Promise<boolean>;
  /** The blob as it is stored, or undefined. */
  get(tenantId: TenantId, keyId: KeyId): Promise<string | undefined>;
  has(tenantId: TenantId, keyId: KeyId): Promise<boolean>;
  /** The keys held for a tenant, in no order; one may come twice. */
  list(tenantId: TenantId): AsyncIterable<KeyId>;
  count(tenantId: TenantId): Promise<number>;
  /** Every tenant that a key was ever held for, in no order; one may come twice. */
  tenants(): AsyncIterable<TenantId>;
  /** Whether no key is held for anybody, listed or not. It looks at all of Redis, so it is for starts, not for requests. */
  isEmpty(): Promise<boolean>;
}

// The tenant in braces puts all of it in one slot of a Redis Cluster, as the scripts need.
const blobKey = (tenantId: TenantId, keyId: KeyId) => `st:{${tenantId}}:key:${keyId}`;
const listKey = (tenantId: TenantId) => `st:{${tenantId}}:keys`;
/** For whoever takes a key away together with what depends on it, in one step. */
export const sealedKeyNames = (tenantId: TenantId, keyId: KeyId) => ({
  blob: blobKey(tenantId, keyId),
  list: listKey(tenantId),
});
const ANY_BLOB = 'st:{*}:key:*';
/** `_` is no tenant's name. */
const TENANTS = 'st:{_}:tenants';

// One step each, so that a key that is held is also listed.
const PUT = `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
redis.call('SADD', KEYS[2], ARGV[2])
return redis.call('GET', KEYS[1])`;
const REPLACE = `
local now = redis.call('GET', KEYS[1])
if now == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])`;

/**
 * Sealed keys in Redis, under `st:{<tenant>}:key:<key id>`. Redis keeps what it confirmed only with `appendonly yes`
 * and `appendfsync always`: see writeDurably.
 */
export function createRedisSealedStore(redis: RedisConnection, options: DurableOptions = {}): SealedStore {
  const { client } = redis;
  return {
    put: (tenantId, keyId, jwe) =>
      orUnavailable(async () => {
        // First, and apart, since it is in another slot: a tenant without a key does no harm, a key without one is missed.
        await addTenant(client, options, tenantId);
        const keys = [blobKey(tenantId, keyId), listKey(tenantId)];
        const stored = await writeDurably(client, options, (pipeline) =>
          pipeline.eval(PUT, 2, ...keys, jwe, keyId),
        );
        if (stored !== jwe) throw otherBlob(keyId);
        await readBack(redis, { tenantId, keyId, jwe });
      }),
    replace: (tenantId, keyId, before, jwe) =>
      orUnavailable(async () => {
        const stored = await writeDurably(client, options, (pipeline) =>
          pipeline.eval(REPLACE, 1, blobKey(tenantId, keyId), before, jwe),
        );
        if (stored !== jwe) return false;
        await readBack(redis, { tenantId, keyId, jwe });
        return true;
      }),
    get: (tenantId, keyId) => orUnavailable(() => getBlob(client, tenantId, keyId)),
    has: (tenantId, keyId) =>
      orUnavailable(async () => (await client.exists(blobKey(tenantId, keyId))) === 1),
    list: (tenantId) => members(client, listKey(tenantId), isKeyId),
    count: (tenantId) => orUnavailable(() => client.scard(listKey(tenantId))),
    tenants: () => members(client, TENANTS, isTenantId),
    isEmpty: () =>
      orUnavailable(async () => {
        for await (const keys of client.scanStream({ match: ANY_BLOB, count: 1_000 }))
          if (Array.isArray(keys) && keys.length > 0) return false;
        return true;
      }),
  };
}

async function addTenant(client: RedisClient, options: DurableOptions, tenantId: TenantId): Promise<void> {
  if ((await client.sismember(TENANTS, tenantId)) === 1) return;
  await writeDurably(client, options, (pipeline) => pipeline.sadd(TENANTS, tenantId));
}

async function getBlob(client: RedisClient, tenantId: TenantId, keyId: KeyId): Promise<string | undefined> {
  // Never more than one character above what can be valid, whatever somebody put there.
  const jwe = await client.getrange(blobKey(tenantId, keyId), 0, MAX_SEALED_LENGTH);
  return jwe === '' ? undefined : jwe;
}

interface Stored {
  readonly tenantId: TenantId;
  readonly keyId: KeyId;
  readonly jwe: string;
}

/** Over a connection of its own: a proxy, or this client, may have answered from what it was just told. */
async function readBack(redis: RedisConnection, stored: Stored): Promise<void> {
  await using other = redis.another('sealed-store read back');
  const found = await getBlob(other.client, stored.tenantId, stored.keyId);
  if (found === stored.jwe || (found !== undefined && isResealed(stored, found))) return;
  throw new AppError('SEALED_STORE_UNAVAILABLE', 'Redis does not have the sealed key it just confirmed', {
    fix: 'Make sure that SEALTRACK_REDIS_URL leads to the primary, and that nothing else writes or evicts st:* keys (maxmemory-policy noeviction). Then import the key again.',
  });
}

/** A rotation may have come between: it replaces nothing that it has not opened. */
function isResealed({ tenantId, keyId, jwe }: Stored, found: string): boolean {
  try {
    const [before, after] = [readSealHeader(jwe), readSealHeader(found)];
    return after.tenant === tenantId && after.keyId === keyId && after.kekNumber > before.kekNumber;
  } catch {
    return false;
  }
}

async function* members<Id extends string>(
  client: RedisClient,
  key: string,
  isId: (text: string) => text is Id,
): AsyncGenerator<Id> {
  let cursor = '0';
  do {
    const [next, page] = await orUnavailable(() => client.sscan(key, cursor, 'COUNT', 500));
    cursor = next;
    for (const member of page) if (isId(member)) yield member;
  } while (cursor !== '0');
}

const otherBlob = (keyId: KeyId) =>
  new AppError('OBJECT_EXISTS', 'Another sealed blob is stored for this private key', {
    fix: 'The key is held already and stays as it is: use it. Nothing needs to be imported.',
    details: { keyId },
  });
