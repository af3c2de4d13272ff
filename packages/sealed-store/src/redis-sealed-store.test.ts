import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import type { CertificateId, KeyId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, describe, expect, test } from 'vitest';
import { createRedisSealedStore } from './redis-sealed-store.ts';
import { sealSecret } from './seal.ts';
import type { SealHeader } from './seal-format.ts';

const server = await testRedis();
const redis = connectRedis({
  transport: PLAINTEXT,
  url: server.url,
  name: 'sealed-store-test',
  commandTimeoutMs: 1_000,
});
afterAll(() => redis[Symbol.asyncDispose]());
const store = createRedisSealedStore(redis);

const tenant = 'demo' as TenantId;
const keyOf = (name: string) => createHash('sha256').update(name).digest('hex') as KeyId;
const blob = () => randomBytes(3_000).toString('base64url');
const listed = async (of: TenantId) => (await Array.fromAsync(store.list(of))).sort();

describe('sealed keys in Redis', () => {
  test('are kept under the key of their tenant', async () => {
    const jwe = blob();
    expect(await store.has(tenant, keyOf('a'))).toBe(false);
    expect(await store.get(tenant, keyOf('a'))).toBeUndefined();
    await store.put(tenant, keyOf('a'), jwe);
    expect(await store.has(tenant, keyOf('a'))).toBe(true);
    expect(await store.get(tenant, keyOf('a'))).toBe(jwe);
    expect(await redis.client.get(`st:{demo}:key:${keyOf('a')}`)).toBe(jwe);
    expect(await store.has('other' as TenantId, keyOf('a'))).toBe(false);
  });

  test('are never overwritten by another blob; the same one again is fine', async () => {
    const jwe = blob();
    await store.put(tenant, keyOf('b'), jwe);
    await store.put(tenant, keyOf('b'), jwe);
    const refused = { code: 'OBJECT_EXISTS', fix: expect.any(String) };
    await expect(store.put(tenant, keyOf('b'), blob())).rejects.toMatchObject(refused);
    expect(await store.get(tenant, keyOf('b'))).toBe(jwe);
  });

  test('of many put at once under one id, one is kept', async () => {
    const blobs = Array.from({ length: 8 }, blob);
    const outcomes = await Promise.allSettled(blobs.map((jwe) => store.put(tenant, keyOf('race'), jwe)));
    const kept = blobs.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(kept).toHaveLength(1);
    expect(await store.get(tenant, keyOf('race'))).toBe(kept[0]);
  });

  test('are listed by tenant', async () => {
    const many = 'many' as TenantId;
    const ids = Array.from({ length: 1_200 }, (_, index) => keyOf(`many ${index}`));
    await Promise.all(ids.slice(0, 20).map((id) => store.put(many, id, blob())));
    await redis.client.sadd('st:{many}:keys', ...ids);
    expect(await listed(many)).toEqual(ids.toSorted());
    expect(await listed('nobody' as TenantId)).toEqual([]);
  });

  test('are replaced when they are what they are thought to be, and only then', async () => {
    const [one, two, three] = [blob(), blob(), blob()];
    await store.put(tenant, keyOf('re'), one);
    expect(await store.replace(tenant, keyOf('re'), two, three)).toBe(false);
    expect(await store.get(tenant, keyOf('re'))).toBe(one);
    expect(await store.replace(tenant, keyOf('re'), one, two)).toBe(true);
    // Once more, as after an answer that was lost.
    expect(await store.replace(tenant, keyOf('re'), one, two)).toBe(true);
    expect(await store.get(tenant, keyOf('re'))).toBe(two);
    expect(await store.replace(tenant, keyOf('nowhere'), one, two)).toBe(false);
    expect(await store.has(tenant, keyOf('nowhere'))).toBe(false);
  });

  test('may be sealed anew by a rotation before they are read back, but not be exchanged', async () => {
    const header = { tenant, keyId: keyOf('raced'), certificateId: keyOf('c') as unknown as CertificateId };
    const sealedUnder = (number: number, whose: SealHeader = header) =>
      sealSecret(randomBytes(100), { kek: { number, key: createSecretKey(randomBytes(32)) }, header: whose });
    const exchanging = (other: string) =>
      createRedisSealedStore({
        ...redis,
        another(name) {
          const connection = redis.another(name);
          const getrange = async () => {
            await redis.client.set(`st:{demo}:key:${keyOf('raced')}`, other);
            return other;
          };
          return { ...connection, client: Object.assign(connection.client, { getrange }) };
        },
      });
    await exchanging(await sealedUnder(2)).put(tenant, keyOf('raced'), await sealedUnder(1));
    for (const other of [
      await sealedUnder(1),
      await sealedUnder(2, { ...header, tenant: 'other' as TenantId }),
      await sealedUnder(2, { ...header, keyId: keyOf('d') }),
      'x',
    ]) {
      await redis.client.del(`st:{demo}:key:${keyOf('raced')}`);
      const lost = exchanging(other).put(tenant, keyOf('raced'), await sealedUnder(1));
      await expect(lost).rejects.toMatchObject({ code: 'SEALED_STORE_UNAVAILABLE' });
    }
    await redis.client.del(`st:{demo}:key:${keyOf('raced')}`);
  });

  test('are never read beyond what a sealed key can have', async () => {
    await redis.client.set(`st:{demo}:key:${keyOf('huge')}`, 'x'.repeat(5_000_000));
    expect((await store.get(tenant, keyOf('huge')))?.length).toBeLessThan(100_000);
  });

  test('survive a Redis that is killed the moment it has confirmed', async () => {
    const jwe = blob();
    await store.put(tenant, keyOf('killed'), jwe);
    await server.kill();
    const away = { code: 'SEALED_STORE_UNAVAILABLE', fix: expect.stringContaining('Redis') };
    await expect(store.get(tenant, keyOf('killed'))).rejects.toMatchObject(away);
    await expect(store.put(tenant, keyOf('later'), blob())).rejects.toMatchObject(away);
    await expect(listed(tenant)).rejects.toMatchObject(away);
    await server.restart();
    await redis.ready();
    expect(await store.get(tenant, keyOf('killed'))).toBe(jwe);
    expect(await listed(tenant)).toContain(keyOf('killed'));
  });

  // A server in a container has no process of ours to stop.
  test.runIf(server.pid !== undefined)('a Redis that hangs is an error, not a wait for ever', async () => {
    const { pid } = server;
    if (pid === undefined) throw new Error('Redis is not running');
    process.kill(pid, 'SIGSTOP');
    try {
      const away = { code: 'SEALED_STORE_UNAVAILABLE' };
      await expect(store.get(tenant, keyOf('a'))).rejects.toMatchObject(away);
      await expect(store.put(tenant, keyOf('hung'), blob())).rejects.toMatchObject(away);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await redis.ready();
    expect(await store.has(tenant, keyOf('a'))).toBe(true);
  });
});

describe('the keys of everybody', () => {
  test('are found for every tenant there is, and when nothing lists them', async () => {
    await redis.client.flushall();
    expect(await store.isEmpty()).toBe(true);
    expect(await Array.fromAsync(store.tenants())).toEqual([]);
    for (const name of ['demo', 'other']) await store.put(name as TenantId, keyOf('t'), blob());
    expect((await Array.fromAsync(store.tenants())).sort()).toEqual(['demo', 'other']);
    await redis.client.del('st:{_}:tenants', 'st:{demo}:keys', 'st:{other}:keys');
    expect(await store.isEmpty()).toBe(false);
  });
});
