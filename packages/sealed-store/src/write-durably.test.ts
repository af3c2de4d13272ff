import { connectRedis, type RedisClient, type RedisConnection } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { writeDurably } from './write-durably.ts';

const server = await testRedis();
const replica = await testRedis();
const opened: RedisConnection[] = [];
const connected = (url: string) => {
  const connection = connectRedis({ transport: PLAINTEXT, url, name: 'write-durably-test' });
  opened.push(connection);
  return connection.client;
};
const client = connected(server.url);
const replicaClient = connected(replica.url);
const hasWaitaof = ((await client.command('INFO', 'WAITAOF')) as unknown[])[0] !== null;
afterAll(() => Promise.all(opened.map((connection) => connection[Symbol.asyncDispose]())));

const write = (replicas?: number, through = client) =>
  writeDurably(through, { replicas }, (pipeline) => pipeline.incr('written'));
const refused = { code: 'SEALED_STORE_UNAVAILABLE', fix: expect.stringContaining('appendfsync') };

describe('a write', () => {
  afterEach(async () => {
    await client.config('SET', 'appendonly', 'yes');
    await client.config('SET', 'appendfsync', 'always');
  });

  test('answers what its command does', async () => {
    await client.set('written', '41');
    expect(await write()).toBe(42);
  });

  test('that is wrong says so', async () => {
    await client.set('text', 'x');
    const wrong = writeDurably(client, {}, (pipeline) => pipeline.incr('text'));
    await expect(wrong).rejects.toThrow('not an integer');
  });

  test('is not believed when Redis writes nothing to its disk', async () => {
    await client.config('SET', 'appendonly', 'no');
    await expect(write()).rejects.toMatchObject(refused);
  });

  test.skipIf(hasWaitaof)('is not believed when an old Redis writes later', async () => {
    for (const policy of ['everysec', 'no']) {
      await client.config('SET', 'appendfsync', policy);
      await expect(write()).rejects.toMatchObject(refused);
    }
  });

  test('is believed where the settings may not be read', async () => {
    await client.acl('SETUSER', 'narrow', 'on', '>password', '~*', '+@all', '-config');
    const url = server.url.replace('redis://', 'redis://narrow:password@');
    expect(await write(0, connected(url))).toBeGreaterThan(0);
  });
});

// Two containers do not reach each other under the addresses that this process has for them.
const inContainers = process.env.SEALTRACK_TEST_SERVERS === 'containers';
describe.skipIf(inContainers)('a write that replicas shall have', () => {
  test('fails without them, and is made with them', async () => {
    await expect(write(1)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('1 replicas'),
    });
    const { hostname, port } = new URL(server.url);
    await replicaClient.replicaof(hostname, Number(port));
    await expect.poll(() => client.info('replication'), { timeout: 30_000 }).toContain('state=online');
    await write(1);
    expect(await replicaClient.get('written')).toBe(await client.get('written'));
    await expect(write(2)).rejects.toMatchObject(refused);
  });
});

describe('a Redis that knows WAITAOF', () => {
  /** Answers as such a Redis does, which is not on every machine that runs these tests. */
  function answering(waitaof: readonly [Error | null, unknown]): RedisClient {
    const answers = [[null, 'written'], waitaof, [null, 0]];
    const pipeline = { incr: () => pipeline, call: () => pipeline, exec: async () => answers };
    return { pipeline: () => pipeline } as unknown as RedisClient;
  }

  test.each([
    [[1, 0], 0],
    [[1, 1], 0],
    [[1, 2], 2],
  ])('is believed when it says %j, with %i replicas asked for', async (answer, replicas) => {
    expect(await write(replicas, answering([null, answer]))).toBe('written');
  });

  test.each([
    [[0, 0], 0],
    [[0, 1], 1],
    [[1, 1], 2],
    [[], 0],
    ['OK', 0],
    [null, 0],
  ])('is not believed when it says %j, with %i replicas asked for', async (answer, replicas) => {
    await expect(write(replicas, answering([null, answer]))).rejects.toMatchObject(refused);
  });

  test('is not believed when it refuses to say', async () => {
    const error = new Error('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
    error.name = 'ReplyError';
    await expect(write(0, answering([error, undefined]))).rejects.toMatchObject({ ...refused, cause: error });
  });
});
