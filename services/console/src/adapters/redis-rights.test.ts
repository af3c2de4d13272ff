import { secureRedis } from '@sealtrack/redis/testing/secure-redis';
import { expect, test } from 'vitest';
import { createRedisAccounts } from './redis-accounts.ts';
import { createRedisLinks } from './redis-links.ts';
import { createRedisPendingSignIns } from './redis-pending-sign-ins.ts';
import { createRedisSessions } from './redis-sessions.ts';
import { createRedisThrottle } from './redis-throttle.ts';

test('everything that is kept is kept with the rights that the console has in Redis', async () => {
  await using secured = await secureRedis();
  const redis = secured.as('console').client;
  const accounts = createRedisAccounts(redis);
  const sessions = createRedisSessions(redis, { idleSeconds: 60, seconds: 600 });
  const links = createRedisLinks(redis);
  const throttle = createRedisThrottle(redis);
  const account = {
    kind: 'local' as const,
    ...{ name: 'alice', groups: ['players'], isDisabled: false, createdAt: new Date(0) },
    ...{ password: '$scrypt$…', subject: undefined },
  };
  const attempt = { name: 'alice', client: '::1', browser: await throttle.knowBrowser('alice') };
  await (await throttle.attempt(attempt)).succeeded();
  const setup = await links.make({ for: 'setup' });
  expect(await accounts.any()).toBe(false);
  expect(await accounts.put({ account, endsSessions: true, link: setup.token }, '0')).toBe(true);
  expect(await accounts.any()).toBe(true);
  expect(await accounts.put({ account, endsSessions: true, link: setup.token }, '1')).toBe(false);
  expect(await accounts.put({ account, endsSessions: true }, '0')).toBe(false);
  const stored = await accounts.get('alice');
  expect(stored).toEqual({ ...account, generation: 1, lastSignInAt: undefined });
  if (stored === undefined) return;
  const opened = await sessions.open(stored);
  expect((await sessions.find(opened?.token ?? '', true))?.person.names).toEqual([
    'user:alice',
    'group:players',
  ]);
  const invitation = await links.make({ for: 'invitation', name: 'alice' });
  await accounts.rehash('alice', '$scrypt$…', 'better');
  expect((await accounts.all()).accounts).toMatchObject([{ password: 'better' }]);
  expect(await accounts.put({ account, endsSessions: true }, '1')).toBe(true);
  expect(await sessions.find(opened?.token ?? '', true)).toBeUndefined();
  expect(await links.find(invitation.token)).toBeUndefined();
  // Found right before it changed: that counts no more.
  expect(await sessions.open(stored)).toBeUndefined();
  const pendings = createRedisPendingSignIns(redis);
  const token = await pendings.keep({ state: 's', nonce: 'n', codeVerifier: 'c', to: '/' }, '::1');
  expect([await pendings.take(token), await pendings.take(token)]).toMatchObject([{ to: '/' }, undefined]);
  expect(await accounts.remove('alice', '2')).toBe(true);
  expect((await accounts.all()).accounts).toEqual([]);
  expect(await accounts.any()).toBe(false);
  await expect(redis.get('st:{demo}:recordings')).rejects.toThrow('NOPERM');
  // Names of keys are ids of recordings and certificates, of every tenant.
  await expect(redis.scan('0')).rejects.toThrow('NOPERM');
});
