import { readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { answerTo, badPeers } from '@sealtrack/testkit/bad-peers';
import { createTestCa, testTls } from '@sealtrack/testkit/test-ca';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, describe, expect, test } from 'vitest';
import { connectRedis, type RedisConnectionOptions } from './connect.ts';
import { isUnavailable } from './is-unavailable.ts';
import { lent, REDIS_USERS, type RedisUser, secureRedis } from './testing/secure-redis.ts';

const redis = await secureRedis();
afterAll(() => redis[Symbol.asyncDispose]());
const { server, ca, dir, folder, passwords, transport, urlOf } = redis;
const inTheClear = await testRedis();
const port = Number(new URL(server.url).port);
const serverLog = () => readFile(join(dir, 'redis.log'), 'utf8');
const clients = Object.fromEntries(
  REDIS_USERS.map((user) => [user, redis.as(user).client]),
) as unknown as Record<RedisUser, ReturnType<typeof redis.as>['client']>;

/** From within a script it is said in other words. Who is not permitted is not told that the command is wrong. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  /^NOPERM|^ERR (ACL failure in script|The user executing the script)/.test(error.message) &&
  isUnavailable(error);

describe('each user does what it has to, and nothing else', () => {
  const KEY = 'st:{demo}:key:abc';
  const RECORDING = 'st:{demo}:recording:r1';
  const C = 'crypto-server';
  const M = 'metadata-processor';
  const U = 'console';
  const O = 'operator';

  // Who may, of all users: everybody else is told NOPERM.
  test.each<[command: readonly (string | number)[], ...who: RedisUser[]]>([
    [['PING'], C, M, U, O],
    [['INFO', 'server'], C, M, U, O],
    [['CLIENT', 'SETNAME', 'x'], C, M, U, O],
    [['SCAN', '0'], C, M, O],
    [['SET', KEY, 'sealed', 'NX'], C],
    [['GET', KEY], C],
    [['GETRANGE', 'st:{_}:keyring', 0, 10], C],
    [['SADD', 'st:{demo}:keys', 'abc'], C],
    [['SSCAN', 'st:{_}:tenants', 0], C],
    [['SISMEMBER', 'st:{_}:tenants', 'demo'], C],
    [['MGET', 'st:{demo}:certificate:a', 'st:{demo}:certificate:b'], C],
    [['ZRANGEBYSCORE', 'st:{demo}:certificate-changes', 0, '+inf'], C],
    [['GET', 'st:{demo}:holding'], C],
    [['SET', 'st:{_}:recordings-lost', 'now', 'NX'], C],
    [['WAIT', 0, 1], C],
    [['CONFIG', 'GET', 'append*'], C, O],
    [['GET', RECORDING], M],
    [['MGET', RECORDING, KEY]],
    [['ZREVRANGEBYLEX', 'st:{demo}:recordings', '+', '-'], M],
    [['ZRANGEBYLEX', 'st:{demo}:recordings', '-', '+'], M],
    [['HGET', 'st:{demo}:encrypted-to', 'passed'], M],
    [['HSET', 'st:{demo}:encrypted-to', 'passed', 'x'], M],
    [['ZLEXCOUNT', 'st:{demo}:by-profile:101', '-', '+'], M],
    [['ZADD', 'st:{demo}:by-agent:a:anna', 0, 'x'], M],
    [['HINCRBY', 'st:{demo}:by-counted:a', 'recordings', 0], M],
    [['ZREM', 'st:{demo}:failed', 'x'], M],
    [['HLEN', 'st:{demo}:failed:of:r1'], M],
    [['HGETALL', 'st:{demo}:failed:of:r1'], M],
    [['PEXPIRE', 'st:{demo}:failed:of:r1', 1], M],
    [['PERSIST', 'st:{demo}:failed:of:r1'], M],
    [['HSETNX', 'st:{demo}:accesses:r1', 'x', 'y'], M],
    [['HKEYS', 'st:{demo}:accesses:r1'], M],
    [['HMGET', 'st:{demo}:accesses:r1', 'x'], M],
    [['EXISTS', RECORDING], M],
    [['HGETALL', 'st:{_}:account:alice'], U],
    [['HGET', 'st:{_}:accounts', 'alice'], U],
    [['HSET', 'st:{_}:session:abc', 'user', 'alice'], U],
    [['DEL', 'st:{_}:session:abc'], U],
    [['ZADD', 'st:{_}:sessions:alice', 1, 'abc'], U],
    [['GETDEL', 'st:{_}:sign-in:abc'], U],
    [['SET', 'st:{_}:invitation:abc', 'x', 'PX', 60_000], U],
    [['SMEMBERS', 'st:{_}:invitations:alice'], U],
    [['PEXPIRE', 'st:{_}:throttle:account:abc', 60_000], U],
    // No tenant is called _, and what is of one is nothing to it.
    [['HGETALL', 'st:{demo}:account:alice']],
    [['DEL', RECORDING]],
    [['GET', 'other']],
    [['EVAL', "return redis.call('GET', KEYS[1])", 1, KEY], C],
    // A script that does not say which key it reads is judged by what it reads.
    [['EVAL', `return redis.call('GET', '${KEY}')`, 0], C],
    [['EVAL', "return redis.call('GET', KEYS[1])", 1, RECORDING], M],
    [['EVAL', "return redis.call('FLUSHALL')", 0]],
    [['CLIENT', 'LIST'], O],
    [['ACL', 'LOG', 0], O],
    [['ACL', 'SETUSER', 'me', 'on', 'nopass', '+@all']],
    [['CONFIG', 'SET', 'maxmemory', 0]],
    [['KEYS', '*']],
    [['DUMP', KEY]],
    [['RENAME', KEY, RECORDING]],
    [['COPY', KEY, RECORDING]],
    [['MIGRATE', '127.0.0.1', 1, KEY, 0, 1]],
    [['MONITOR']],
    [['REPLICAOF', 'NO', 'ONE']],
    [['SUBSCRIBE', 'x']],
    [['FLUSHALL']],
    [['SHUTDOWN']],
  ])('%j', async ([command = '', ...args], ...who) => {
    const may = REDIS_USERS.map(async (user) => {
      const error: unknown = await clients[user].call(String(command), ...args).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      return isRefused(error) ? [] : [user];
    });
    expect((await Promise.all(may)).flat()).toEqual(who);
  });
});

/** The lines of the log until the first warning, which says why there is no connection. */
async function warningOf(options: Partial<RedisConnectionOptions>) {
  const { promise, resolve } = Promise.withResolvers<{ facts: object; message: string }>();
  await using connection = connectRedis({
    transport,
    url: urlOf('crypto-server'),
    password: lent(passwords['crypto-server']),
    name: 'test',
    log: { info: () => {}, warn: (facts, message) => resolve({ facts, message }) },
    ...options,
  });
  const error: unknown = await connection.client.get('k').catch((failure: unknown) => failure);
  return { ...(await promise), error };
}

describe('nobody gets in', () => {
  test.each<[string, Partial<RedisConnectionOptions>, RegExp]>([
    ['by a certificate alone', { password: undefined }, /does not take the user and password/],
    [
      'as default, by a certificate alone',
      { url: server.url, password: undefined },
      /does not take the user/,
    ],
    ['as default with a password', { url: server.url }, /does not take the user and password/],
    [
      'with a wrong password',
      { password: lent(Buffer.from('hunter2')) },
      /does not take the user and password/,
    ],
    [
      'with the password of another',
      { password: lent(passwords.operator) },
      /does not take the user and password/,
    ],
    ['with a user that is none', { url: urlOf('administrator') }, /does not take the user and password/],
  ])('%s', async (_, options, message) => {
    const { message: said, facts, error } = await warningOf(options);
    expect(said).toMatch(message);
    expect(facts).toMatchObject({ fix: expect.stringContaining('SEALTRACK_REDIS_PASSWORD') });
    expect(isUnavailable(error)).toBe(true);
  });

  test('and no password shows in what is logged, or in the failure of a command', async () => {
    const { facts, error } = await warningOf({ password: lent(Buffer.from('hunter2')) });
    expect(error).toBeInstanceOf(Error);
    const shown = [facts, error].flatMap((each) => [
      inspect(each, { depth: 9, showHidden: true }),
      JSON.stringify(each, (_, value) =>
        value instanceof Error ? { ...value, text: String(value) } : value,
      ),
    ]);
    expect(shown.join()).not.toMatch(/hunter2|104,\s*117,\s*110|68 75 6e 74/);
    const inUrl = await warningOf({ url: urlOf('crypto-server:hunter2'), password: undefined });
    expect(inspect(inUrl, { depth: 9 }) + JSON.stringify(inUrl.error)).not.toMatch(/hunter2|68 75 6e 74/);
  });
});

describe('a bad peer is refused, the log says why, and Redis goes on', async () => {
  const peers = await badPeers(ca, folder.path, 'crypto-server');
  const said: Readonly<Record<string, RegExp>> = {
    'no certificate': /peer did not return a certificate/,
    'wrong CA': /certificate verify failed/,
    expired: /certificate verify failed/,
    'not yet valid': /certificate verify failed/,
    'wrong usage': /certificate verify failed/,
    'TLS 1.1': /unsupported protocol|no shared cipher|version/,
    plaintext: /wrong version number|http request|packet length|unexpected/,
  };

  test.each(peers)('$what', async (peer) => {
    const before = (await serverLog()).length;
    const plain = createConnection({ host: '127.0.0.1', port });
    const login = `AUTH crypto-server ${passwords['crypto-server']}\r\nPING\r\n`;
    expect(await answerTo(plain, peer, login, /PONG|-/)).not.toContain('PONG');
    await expect.poll(async () => (await serverLog()).slice(before)).toMatch(said[peer.what] ?? /^$/);
    expect(await redis.as('crypto-server').client.ping()).toBe('PONG');
  });
});

describe('a client does not send its password', async () => {
  const other = await createTestCa(folder.path, 'Other CA');
  const files = await ca.issue('crypto-server');
  const good = testTls(files);
  const clear = inTheClear.url.replace('redis:', 'rediss:');

  test.each<[string, Partial<RedisConnectionOptions>, RegExp]>([
    [
      'to a server with a certificate for another name',
      { transport: good, url: urlOf('crypto-server').replace('127.0.0.1', 'localhost') },
      /another name/,
    ],
    [
      'to a server of a CA that it does not trust',
      { transport: testTls({ ...files, trustedCa: other.trustedCa }) },
      /CA that is not trusted here/,
    ],
    [
      'to a server without TLS',
      { transport: good, url: clear, commandTimeoutMs: 300 },
      /does not answer the TLS handshake/,
    ],
    [
      'that refuses its certificate',
      { transport: testTls({ ...(await other.issue('crypto-server')), trustedCa: ca.trustedCa }) },
      /refuses the certificate of this process/,
    ],
  ])('%s', async (_, options, message) => {
    expect((await warningOf(options)).message).toMatch(message);
  });

  test.each([
    ['redis:// with TLS', good, 'redis://h', /rediss:\/\//],
    ['rediss:// without TLS', PLAINTEXT, 'rediss://h', /redis:\/\//],
    ['what a library would take for settings', good, 'rediss://h?tls=RedisCloudFixed', /Leave that part out/],
    ['two passwords', good, 'rediss://u:p@h', /Keep the one/],
  ] as const)('%s is refused at once', (_, secured, url, fix) => {
    const options = { transport: secured, url, password: lent(Buffer.from('p')), name: 'test' };
    expect(() => connectRedis(options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', fix: expect.stringMatching(fix) }),
    );
  });
});

test('a certificate that is exchanged on the disk is shown when the client connects again', async () => {
  const other = await createTestCa(folder.path, 'Wrong CA');
  const name = { file: 'rotated' };
  const files = await ca.issue('crypto-server', name);
  const wrong = await other.issue('crypto-server', name);
  const messages: string[] = [];
  const say = (_: object, message: string) => void messages.push(message);
  const { client, ready } = redis.as('crypto-server', {
    transport: testTls(files),
    log: { info: say, warn: say },
  });
  await client.ping();
  await writeFile(files.certificate, await readFile(wrong.certificate));
  await writeFile(files.certificateKey, await readFile(wrong.certificateKey));
  client.disconnect(true);
  await expect.poll(() => messages.at(-1)).toMatch(/refuses the certificate/);
  await ca.issue('crypto-server', name);
  await ready(AbortSignal.timeout(5_000));
  expect(await client.ping()).toBe('PONG');
});

describe('Redis knows no CRL, so a client is shut out', () => {
  test('by taking its user out of the file and loading that, which cuts its connections off', async () => {
    const { client } = redis.as('metadata-processor');
    await client.ping();
    const gone = new Promise((resolve) => client.once('close', resolve));
    const file = join(dir, 'users.acl');
    const users = await readFile(file, 'utf8');
    await writeFile(file, users.replace(/^user metadata-processor .*\n/m, ''));
    expect(await clients.operator.call('ACL', 'LOAD')).toBe('OK');
    await gone;
    expect((await warningOf({ url: urlOf('metadata-processor') })).message).toMatch(/does not take the user/);
    await writeFile(file, users);
    await clients.operator.call('ACL', 'LOAD');
  });

  test('or, where it only lost its password: by another one, and by killing its connections', async () => {
    const { client } = redis.as('crypto-server');
    await client.ping();
    const gone = new Promise((resolve) => client.once('close', resolve));
    expect(await redis.as('operator').client.call('CLIENT', 'KILL', 'USER', 'crypto-server')).toBeGreaterThan(
      0,
    );
    await gone;
  });
});

test('what a script wrote is there after a crash: a restart reads the file back whatever its own rules are', async () => {
  const [one, other] = ['st:{after}:keys', 'st:{after}:holding'];
  await using before = redis.as('crypto-server', { name: 'before' });
  await before.ready();
  await before.client.eval(
    `redis.call('sadd', KEYS[1], 'a') redis.call('sadd', KEYS[2], 'b')`,
    2,
    one,
    other,
  );
  await server.kill();
  await server.restart();
  await using after = redis.as('crypto-server', { name: 'after' });
  await after.ready();
  expect(await Promise.all([one, other].map((key) => after.client.scard(key)))).toEqual([1, 1]);
  expect(await serverLog()).not.toMatch(/CRITICAL|NOPERM/);
});
