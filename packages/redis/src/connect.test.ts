import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterEach, describe, expect, test } from 'vitest';
import { connectRedis, type RedisConnectionOptions } from './connect.ts';
import { isUnavailable } from './is-unavailable.ts';

const server = await testRedis();
const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of opened.splice(0)) await resource[Symbol.asyncDispose]();
});

function connect(options: Partial<RedisConnectionOptions> = {}) {
  const lines: string[] = [];
  const log = {
    info: (_: object, message: string) => void lines.push(message),
    warn: (_: object, message: string) => void lines.push(message),
  };
  const connection = connectRedis({
    transport: PLAINTEXT,
    url: server.url,
    name: 'redis-test',
    log,
    ...options,
  });
  opened.push(connection);
  return { ...connection, lines };
}

const failureOf = async (work: Promise<unknown>) =>
  expectFailure(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
function expectFailure(error: unknown): Error {
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

/** Accepts connections and says nothing, like a server that hangs. */
async function startSilentServer() {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP port');
  opened.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  });
  return `redis://127.0.0.1:${address.port}`;
}

describe('a connection', () => {
  test('is made at the first command, and is known by its name', async () => {
    const { client } = connect();
    expect(client.status).toBe('wait');
    expect(await client.set('k', 'v')).toBe('OK');
    expect(await client.client('GETNAME')).toBe('redis-test');
  });

  test.each(['', 'localhost:6379', 'http://localhost', 'redis:', 'redis://'])('is refused for %j', (url) => {
    expect(() => connect({ url })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('does not show its password in the error', () => {
    const url = 'radis://user:hunter2@host';
    try {
      connect({ url });
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
    }
  });

  test('answers what is in flight before it closes', async () => {
    const connection = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'redis-test' });
    await connection.ready();
    const answers = Promise.all(Array.from({ length: 100 }, () => connection.client.incr('closing')));
    await connection[Symbol.asyncDispose]();
    expect((await answers).at(-1)).toBe(100);
    await expect(connection.client.get('k')).rejects.toThrow();
  });
});

describe('without Redis', () => {
  test('a command fails at once, and says so in a way that can be told', async () => {
    const { client } = connect({ url: 'redis://127.0.0.1:1' });
    expect(isUnavailable(await failureOf(client.get('k')))).toBe(true);
  });

  test('a command to a server that hangs fails in time, ready() waits until its signal', async () => {
    const url = await startSilentServer();
    const { client, ready } = connect({ url, commandTimeoutMs: 200 });
    expect(isUnavailable(await failureOf(client.get('k')))).toBe(true);
    await expect(ready(AbortSignal.timeout(300))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('a command in flight when Redis dies fails and is not sent again; the connection comes back by itself', async () => {
    const { client, ready, lines } = connect();
    await client.set('counter', '0');
    const blocked = client.blpop('never', 0);
    const failure = failureOf(blocked);
    await server.kill();
    expect(isUnavailable(await failure)).toBe(true);
    expect(isUnavailable(await failureOf(client.incr('counter')))).toBe(true);
    await server.restart();
    await ready();
    expect(await client.get('counter')).toBe('0');
    // Once for each way in which it was not reachable: cut off, refused, loading.
    const [first, ...rest] = lines;
    const last = rest.pop();
    expect([first, last]).toEqual(['connected to Redis', 'connected to Redis']);
    expect(new Set(rest)).toEqual(new Set(['Redis is not reachable; trying again']));
    expect(rest.length).toBeLessThan(5);
  });
});

test('a wrong command is not taken for an outage', async () => {
  const { client } = connect();
  await client.set('text', 'v');
  expect(isUnavailable(await failureOf(client.lpush('text', 'x')))).toBe(false);
  expect(isUnavailable(new TypeError('a bug'))).toBe(false);
  expect(isUnavailable('not an error')).toBe(false);
});
