import { access } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';
import { testNats, testRedis } from './test-servers.ts';

const [nats, otherNats, redis] = await Promise.all([testNats(), testNats(), testRedis()]);

describe('test servers', () => {
  test('are on loopback addresses, each on its own port', () => {
    expect(nats.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
    expect(redis.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    expect(otherNats.url).not.toBe(nats.url);
  });
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
