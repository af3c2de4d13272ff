import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createIndexLoss } from './index-loss.ts';

const server = await testRedis();
const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => redis[Symbol.asyncDispose]());

test('nothing is counted from when Redis was lost until people say that the index is whole', async () => {
  const loss = createIndexLoss(redis, {});
  const { count } = loss.guard({ count: async () => 7n });
  const counted = () => count('demo' as TenantId, 'x' as CertificateId);
  expect(await counted()).toBe(7n);
  await loss.note(new Date('2026-03-01T12:00:00Z'));
  // A second restore is not a later loss.
  await loss.note(new Date('2026-03-02T12:00:00Z'));
  const refused = { code: 'INDEX_UNAVAILABLE', details: { since: '2026-03-01T12:00:00.000Z' } };
  await expect(counted()).rejects.toMatchObject(refused);
  const { fix } = (await counted().catch((error: unknown) => error)) as { fix: string };
  const [, key = ''] = /redis-cli DEL (\S+)\.$/.exec(fix) ?? [];
  expect(await redis.client.del(key)).toBe(1);
  expect(await counted()).toBe(7n);
});
