import { once } from 'node:events';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, describe, expect, test } from 'vitest';
import { deleteUntil } from '../domain/deletion.ts';
import { certificatesOf } from '../testing/certificates-of.ts';
import { cryptoParts } from '../testing/crypto-parts.ts';
import { createRedisCertificates } from './redis-certificates.ts';

const { server, redis, certificates } = await cryptoParts();
const { client } = redis;
const { add, make, idOf } = certificatesOf({ redis, certificates });
/** Another crypto server, with a memory of its own. */
const otherRedis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'other' });
afterAll(() => otherRedis[Symbol.asyncDispose]());
const other = createRedisCertificates(otherRedis, {});
const query = { words: [], after: undefined, limit: 500, deleted: 'also' } as const;
const list = async (from: typeof certificates, tenantId: string) =>
  (await from.page(tenantId as TenantId, query)).certificates.map(({ alias }) => alias);
const get = (tenantId: string, alias: string) => certificates.get(tenantId as TenantId, idOf(alias));
const conflict = (alias: string) => ({
  code: 'CERTIFICATE_CONFLICT',
  details: { certificate_id: idOf(alias) },
});

describe('a certificate', () => {
  test('is kept as it was given, and one that is there stays as it is', async () => {
    const first = await add('demo', 'One', {
      ...{ der: Buffer.from('der'), chain: [Buffer.from('ca')], notBefore: new Date(0), subject: 'CN=Ä' },
      ...{ deletion: deleteUntil({ recordings: 12n, approvers: ['anna'] }, new Date(0), 1_000) },
    });
    expect(await get('demo', 'One')).toEqual(first);
    const second = await certificates.add({ ...first, alias: 'Another' });
    expect(second).toEqual(first);
    expect(await get('demo', 'One')).toEqual(first);
    expect(await get('others', 'One')).toBeUndefined();
  });

  test('without its sealed key is not taken', async () => {
    await expect(certificates.add(make('demo', 'Keyless'))).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
    expect(await get('demo', 'Keyless')).toBeUndefined();
    expect(await list(certificates, 'demo')).toEqual(['One']);
  });

  test('is changed and removed only as it was known', async () => {
    const before = await add('changes', 'A');
    const after = { ...before, alias: 'B' };
    await certificates.replace(before, after);
    await expect(certificates.replace(before, { ...before, alias: 'C' })).rejects.toMatchObject(
      conflict('A'),
    );
    await expect(certificates.remove(before)).rejects.toMatchObject(conflict('A'));
    expect(await get('changes', 'A')).toEqual(after);
    expect(await client.exists(`st:{changes}:key:${idOf('A')}`)).toBe(1);
    await certificates.remove(after);
    await expect(certificates.remove(after)).rejects.toMatchObject(conflict('A'));
    await expect(certificates.replace(after, before)).rejects.toMatchObject(conflict('A'));
    expect(await get('changes', 'A')).toBeUndefined();
  });

  test('takes its sealed key with it, unless another is on that', async () => {
    const keyId = idOf('shared key');
    await client.sadd('st:{keys}:keys', keyId, idOf('another key'));
    const [one, two] = [await add('keys', 'one', { keyId }), await add('keys', 'two', { keyId })];
    await certificates.remove(one);
    expect(await client.get(`st:{keys}:key:${keyId}`)).toBe('sealed');
    await certificates.remove(two);
    expect(await client.exists(`st:{keys}:key:${keyId}`)).toBe(0);
    expect(await client.smembers('st:{keys}:keys')).toEqual([idOf('another key')]);
  });
});

describe('a list', () => {
  test('has what any crypto server added, changed and removed', async () => {
    const lists = async () => [await list(certificates, 'both'), await list(other, 'both')];
    expect(await lists()).toEqual([[], []]);
    const a = await add('both', 'a');
    expect(await lists()).toEqual([['a'], ['a']]);
    const b = { ...a, alias: 'b' };
    await other.replace(a, b);
    await other.add(make('both', 'a0', { keyId: a.keyId }));
    expect(await lists()).toEqual([
      ['a0', 'b'],
      ['a0', 'b'],
    ]);
    await certificates.remove(b);
    expect(await lists()).toEqual([['a0'], ['a0']]);
    for (const each of [certificates, other])
      expect(await each.page('both' as TenantId, query)).toMatchObject({ total: 1, next: undefined });
  });

  /** What it takes to find nothing there, so that nothing is read for the page either. */
  async function askedFor(tenantId: string): Promise<(string | undefined)[]> {
    const asked: string[][] = [];
    const monitor = await client.monitor();
    monitor.on('monitor', (_: unknown, args: string[]) => void asked.push(args));
    await certificates.page(tenantId as TenantId, { ...query, words: ['nothing'] });
    await client.echo('the end');
    await expect.poll(() => asked.at(-1)?.[0]).toBe('echo');
    monitor.disconnect();
    return asked.slice(0, -1).map(([command]) => command);
  }

  test('costs one question where nothing changed', async () => {
    for (const name of ['a', 'b']) await add('cheap', name);
    await list(certificates, 'cheap');
    expect(await askedFor('cheap')).toEqual(['zrangebyscore']);
  });

  test('is read once for all who ask at the same time, also in parts', async () => {
    await Promise.all(
      Array.from({ length: 600 }, (_, index) => add('large', String(index).padStart(3, '0'))),
    );
    await otherRedis.client.config('RESETSTAT');
    const pages = await Promise.all(
      Array.from({ length: 5 }, () => other.page('large' as TenantId, { ...query, words: ['nothing'] })),
    );
    expect(pages.map(({ total }) => total)).toEqual([0, 0, 0, 0, 0]);
    const asked = await otherRedis.client.info('commandstats');
    expect(asked).toMatch(/cmdstat_zrangebyscore:calls=1,/);
    expect(asked).toMatch(/cmdstat_mget:calls=3,/);
    const found = await other.page('large' as TenantId, query);
    expect([found.total, found.certificates.length, found.certificates.at(-1)?.alias]).toEqual([
      600,
      500,
      '499',
    ]);
  });

  test('leaves out what went between the list and the look at it', async () => {
    await add('gone', 'a');
    await add('gone', 'b');
    await list(certificates, 'gone');
    // As another server's removal would, before its change can be read.
    await client.del(`st:{gone}:certificate:${idOf('a')}`);
    expect(await list(certificates, 'gone')).toEqual(['b']);
  });

  test('of a tenant is right however many others were asked for', async () => {
    const tenants = Array.from({ length: 70 }, (_, index) => `tenant-${index}`);
    for (const tenant of tenants) await add(tenant, `of ${tenant}`);
    for (const tenant of [...tenants, ...tenants])
      expect(await list(certificates, tenant)).toEqual([`of ${tenant}`]);
    // 64 are remembered: the one goes that was not asked for the longest time.
    const [first, second, ...more] = tenants;
    for (const tenant of [first, second, ...more.slice(0, 62), first, ...more.slice(62, 63)])
      await list(certificates, tenant ?? '');
    expect(await askedFor(first ?? '')).toEqual(['zrangebyscore']);
    expect(await askedFor(second ?? '')).toEqual(['zrangebyscore', 'mget']);
  });
});

describe('another Redis under the same address', () => {
  test('counts, and what was in the other one is forgotten', async () => {
    await add('swap', 'before');
    expect(await list(certificates, 'swap')).toEqual(['before']);
    await client.flushall();
    await add('swap', 'after');
    const closed = once(client, 'close');
    await otherRedis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await closed;
    await redis.ready();
    expect(await list(certificates, 'swap')).toEqual(['after']);
    expect(await certificates.page('swap' as TenantId, query)).toMatchObject({ total: 1 });
  });

  test('counts also when it was emptied while the connection lasted', async () => {
    for (const name of ['a', 'b', 'c']) await add('emptied', name);
    expect(await list(certificates, 'emptied')).toEqual(['a', 'b', 'c']);
    await client.flushall();
    expect(await list(certificates, 'emptied')).toEqual([]);
    for (const name of ['a', 'd']) await add('emptied', name);
    expect(await list(certificates, 'emptied')).toEqual(['a', 'd']);
  });

  test('may have had a clock that went ahead', async () => {
    await add('clock', 'a');
    await client.set('st:{clock}:certificate-revision', String(8e15));
    await client.zadd('st:{clock}:certificate-changes', 8e15, idOf('a'));
    expect(await list(certificates, 'clock')).toEqual(['a']);
    for (const [name, names] of [
      ['b', ['a', 'b']],
      ['c', ['a', 'b', 'c']],
    ] as const) {
      await add('clock', name);
      expect(await list(certificates, 'clock')).toEqual(names);
    }
  });

  test('is missed as long as it is away', async () => {
    await server.kill();
    const away = { code: 'SEALED_STORE_UNAVAILABLE', fix: expect.stringContaining('Redis') };
    const certificate: Certificate = make('away', 'a');
    for (const failing of [
      certificates.add(certificate),
      certificates.replace(certificate, certificate),
      certificates.remove(certificate),
      get('away', 'a'),
      list(certificates, 'away'),
    ])
      await expect(failing).rejects.toMatchObject(away);
    await server.restart();
    await redis.ready();
    await add('away', 'a');
    expect(await list(certificates, 'away')).toEqual(['a']);
  });
});
