import type { RecordingId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createListAccesses } from '../list-accesses.ts';
import { newTenant } from '../testing/recordings.ts';
import { createRedisAccesses } from './redis-accesses.ts';

const server = await testRedis();
const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => redis[Symbol.asyncDispose]());
const accesses = createRedisAccesses(redis.client);
const list = createListAccesses(accesses);
const recordingId = 'call-1' as RecordingId;

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 10, 0, second));
const nth = (tenantId: TenantId, n: number, action = 'play') => ({
  ...{ tenantId, recordingId, stored: at(n), sequence: 1_000 + n },
  access: {
    ...{ at: at(n), action, mediaId: 'main', caller: 'user:anna via console', user: 'anna' },
    ...{ purpose: 'a complaint', offset: 5n, length: 2n ** 40n, accessId: `access-${n}`, certificateId: 'c' },
  },
});
const seen = async (tenantId: TenantId) =>
  (await list({ tenantId, recordingId })).accesses.map(({ accessId }) => accessId);
const counts = async (tenantId: TenantId) =>
  Object.fromEntries(
    [...(await accesses.counts(tenantId, recordingId))].map(([action, { times, last }]) => [
      action,
      `${times} until ${last.getUTCMinutes() * 60 + last.getUTCSeconds()}`,
    ]),
  );

test('each access is there as it was, newest first, and counted by what was done', async () => {
  const tenant = newTenant();
  const all = [nth(tenant, 3, 'export'), nth(tenant, 1), nth(tenant, 4, 'waveform'), nth(tenant, 2)];
  await Promise.all([...all, ...all].map((each) => accesses.add(each)));
  for (const each of all) await accesses.add(each);
  expect(await seen(tenant)).toEqual(['access-4', 'access-3', 'access-2', 'access-1']);
  const { accesses: listed } = await list({ tenantId: tenant, recordingId });
  expect(listed[1]).toEqual(nth(tenant, 3, 'export').access);
  expect(await counts(tenant)).toEqual({ play: '2 until 2', export: '1 until 3', waveform: '1 until 4' });
  expect(await counts(newTenant())).toEqual({});
  expect(await seen(newTenant())).toEqual([]);
});

test('the last hundred are kept, and all are counted once, also when the whole trail comes again', async () => {
  const tenant = newTenant();
  const all = Array.from({ length: 250 }, (_, n) => nth(tenant, n));
  // As several processors have them in their hands: nearly in order.
  const mixed = all.map((each, n) => ({ each, place: n + 16 * ((n * 7) % 3) }));
  for (const { each } of mixed.sort((one, other) => one.place - other.place)) await accesses.add(each);
  const last = Array.from({ length: 100 }, (_, n) => `access-${249 - n}`);
  expect(await seen(tenant)).toEqual(last);
  expect(await counts(tenant)).toEqual({ play: '250 until 249' });
  await Promise.all(all.map((each) => accesses.add(each)));
  expect(await seen(tenant)).toEqual(last);
  expect(await counts(tenant)).toEqual({ play: '250 until 249' });
  await accesses.add(nth(tenant, 250));
  expect(await counts(tenant)).toEqual({ play: '251 until 250' });
});
