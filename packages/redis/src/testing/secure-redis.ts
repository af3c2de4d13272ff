import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureRedisPasswords, REDIS_USERS, type RedisUser } from '@sealtrack/authority/redis-passwords';
import type { LocalServer } from '@sealtrack/local-servers/local-server';
import { startRedis } from '@sealtrack/local-servers/start-redis';
import { type TemporaryFolder, temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { createTestCa, type TestCa, testTls } from '@sealtrack/testkit/test-ca';
import type { Tls } from '@sealtrack/tls/tls';
import { connectRedis, type RedisConnection, type RedisConnectionOptions } from '../connect.ts';
import type { Lent } from '../redis-address.ts';

export { REDIS_USERS, type RedisUser };

/** A redis-server with TLS and the users of deploy/redis/users.acl. */
export interface SecureRedis extends AsyncDisposable {
  readonly server: LocalServer;
  readonly ca: TestCa;
  /** Of the server: users.acl, redis.log. */
  readonly dir: string;
  readonly folder: TemporaryFolder;
  readonly passwords: Readonly<Record<RedisUser, Buffer>>;
  /** Of a client that Redis takes; who it is for is nothing to Redis. */
  readonly transport: Tls;
  /** Its URL, with a user. */
  urlOf(user: string): string;
  /** Redis as the user. Closed with all of this. */
  as(user: RedisUser, options?: Partial<RedisConnectionOptions>): RedisConnection;
}

export const lent = (bytes: Buffer): Lent => ({ use: (work) => work(bytes) });

export async function secureRedis(): Promise<SecureRedis> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const dir = join(folder.path, 'redis');
  const ca = await createTestCa(folder.path);
  const files = await ensureRedisPasswords(folder.path);
  const probe = await ca.issue('administrator');
  const env = { ...process.env, SEALTRACK_REDIS_URL: '' };
  const tls = { ...(await ca.issue('redis')), probe };
  const server = stack.use(await startRedis({ dir, env, tls, passwords: files }));
  const read = async (user: RedisUser) => [user, Buffer.from((await readFile(files[user], 'utf8')).trim())];
  const passwords = Object.fromEntries(await Promise.all(REDIS_USERS.map(read))) as Record<RedisUser, Buffer>;
  const transport = testTls(probe);
  const urlOf = (user: string) => server.url.replace('://', `://${user}@`);
  return {
    ...{ server, ca, dir, folder, passwords, transport, urlOf },
    as: (user, options) =>
      stack.use(
        connectRedis({
          transport,
          url: urlOf(user),
          password: lent(passwords[user]),
          name: user,
          ...options,
        }),
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
