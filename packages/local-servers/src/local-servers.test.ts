import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, partyFiles } from '@sealtrack/authority/bootstrap';
import { ensureRedisPasswords } from '@sealtrack/authority/redis-passwords';
import { afterAll, describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { findServer } from './find-server.ts';
import { NATS } from './server-kinds.ts';
import { startNats } from './start-nats.ts';
import { startRedis } from './start-redis.ts';

// The space is on purpose: people put checkouts anywhere.
const dir = mkdtempSync(join(tmpdir(), 'sealtrack local servers-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const ownServers = { ...process.env, SEALTRACK_NATS_URL: '', SEALTRACK_REDIS_URL: '' };

const portOf = (url: string): number => Number(new URL(url).port);
const redisSays = (url: string, line: string, answer: RegExp): Promise<string | undefined> =>
  ask(portOf(url), `${line}\r\n`, (text) => answer.test(text));
const isOpen = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(portOf(url), '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe('startRedis', () => {
  test('keeps every answered write and its port through a SIGKILL', async () => {
    await using redis = await startRedis({ dir: join(dir, 'redis'), env: ownServers });
    expect(await redisSays(redis.url, 'SET greeting hello', /\r\n/)).toBe('+OK\r\n');
    const { url, pid } = redis;
    await redis.kill();
    expect(redis.pid).toBeUndefined();
    expect(await isOpen(url)).toBe(false);
    await redis.restart();
    expect(redis.url).toBe(url);
    expect(redis.pid).not.toBe(pid);
    expect(await redisSays(url, 'GET greeting', /hello/)).toContain('hello');
  });

  test('stops more than once without complaint', async () => {
    const redis = await startRedis({ dir: join(dir, 'redis-stopped'), env: ownServers });
    await redis.stop();
    await redis.stop();
    expect(await isOpen(redis.url)).toBe(false);
  });

  test('several at once have ports and data of their own', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const servers = await Promise.all(
      names.map((name) => startRedis({ dir: join(dir, name), env: ownServers })),
    );
    expect(new Set(servers.map((server) => server.url)).size).toBe(names.length);
    await Promise.all(servers.map((server) => server.stop()));
  });

  test('a server that cannot start names its log', async () => {
    await expect(
      startRedis({
        dir: join(dir, 'broken'),
        env: { ...ownServers, PATH: join(import.meta.dirname, 'testdata') },
      }),
    ).rejects.toMatchObject({ code: 'INDEX_UNAVAILABLE', fix: expect.stringContaining('redis.log') });
  });
});

describe('startNats', () => {
  test('has JetStream, and keeps its port over a restart', async () => {
    await using nats = await startNats({ dir: join(dir, 'nats'), env: ownServers });
    const { url } = nats;
    expect(await ask(portOf(url), '', (text) => text.includes('\r\n'))).toContain('"jetstream":true');
    await nats.restart();
    expect(nats.url).toBe(url);
    expect(await ask(portOf(url), '', (text) => text.includes('\r\n'))).toContain('"jetstream":true');
  });

  test("somebody else's server is used and left alone", async () => {
    const env = { ...ownServers, SEALTRACK_NATS_URL: 'nats://bus.example:4222' };
    expect(await findServer(NATS, env)).toEqual({ how: 'url', url: 'nats://bus.example:4222' });
    const nats = await startNats({ dir: join(dir, 'unused'), env });
    expect(nats.url).toBe('nats://bus.example:4222');
    await nats.stop();
    await expect(nats.restart()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('with certificates', async () => {
  const ca = join(dir, 'ca');
  await bootstrap({ dir: ca });
  const probe = partyFiles(ca, 'administrator');
  const passwords = await ensureRedisPasswords(join(dir, 'passwords'));
  const tls = (party: 'nats' | 'redis') => ({ ...partyFiles(ca, party), probe });

  test('NATS and Redis are ready when they answer over TLS, and keep their ports over a restart', async () => {
    const options = (name: string) => ({ dir: join(dir, `secure ${name}`), env: ownServers });
    await using nats = await startNats({ ...options('nats'), tls: tls('nats') });
    await using redis = await startRedis({ ...options('redis'), tls: tls('redis'), passwords });
    const urls = [nats.url, redis.url];
    expect(urls).toEqual([
      expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^rediss:\/\/127\.0\.0\.1:\d+$/),
    ]);
    await Promise.all([nats.restart(), redis.restart()]);
    expect([nats.url, redis.url]).toEqual(urls);
    expect(await redisSays(redis.url, 'PING', /\+PONG/)).toBeUndefined();
  });

  test('a Redis without passwords for its users does not start', async () => {
    const starting = startRedis({ dir: join(dir, 'open'), env: ownServers, tls: tls('redis') });
    await expect(starting).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
