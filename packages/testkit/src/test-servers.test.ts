import { access } from 'node:fs/promises';
import { ask } from '@sealtrack/local-servers/ask';
import { expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';
import { testNats, testRedis } from './test-servers.ts';

const [nats, otherNats, redis] = await Promise.all([testNats(), testNats(), testRedis()]);

const say = (url: string, line: string, answer: RegExp): Promise<string | undefined> =>
  ask(Number(new URL(url).port), `${line}\r\n`, (text) => answer.test(text));

test('servers are on loopback addresses, each on its own port', () => {
  expect(nats.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
  expect(redis.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
  expect(otherNats.url).not.toBe(nats.url);
});

test('Redis keeps its port and every answered write through a kill', async () => {
  const { url } = redis;
  expect(await say(url, 'SET greeting hello', /\r\n/)).toBe('+OK\r\n');
  await redis.kill();
  expect(await say(url, 'PING', /\r\n/)).toBeUndefined();
  await redis.restart();
  expect(redis.url).toBe(url);
  expect(await say(url, 'GET greeting', /hello/)).toContain('hello');
});

test('NATS comes back on its port after being stopped', async () => {
  const { url } = nats;
  await nats.stop();
  expect(await say(url, 'PING', /\r\n/)).toBeUndefined();
  await nats.restart();
  expect(nats.url).toBe(url);
  expect(await say(url, 'PING', /PONG/)).toContain('"jetstream":true');
});

test('a temporary folder is gone after its use', async () => {
  let path: string;
  {
    await using folder = await temporaryFolder();
    path = folder.path;
    await access(path);
  }
  await expect(access(path)).rejects.toThrow('ENOENT');
});
