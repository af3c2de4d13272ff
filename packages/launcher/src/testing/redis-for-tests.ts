import { createHash, randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRedisPassword } from '@sealtrack/authority/redis-passwords';
import { connectRedis, type RedisConnection } from '@sealtrack/redis/connect';
import { Secret } from '@sealtrack/service-kit/secret';
import { redisUrlOf } from '../redis-variables.ts';
import type { System } from '../system.ts';

/**
 * A connection that may do everything in the Redis of a system in `dir`, which none of its own users may: as one more
 * user, which is there until Redis is started again.
 */
export async function redisForTests(
  { connections, redisUrl }: Pick<System, 'connections' | 'redisUrl'>,
  dir: string,
): Promise<RedisConnection> {
  const transport = await connections.transportOf('administrator');
  const { redisPasswords } = connections;
  if (redisPasswords === undefined) return connectRedis({ transport, url: redisUrl, name: 'test' });
  const as = (user: string, password: Buffer) =>
    connectRedis({
      ...{ transport, url: redisUrlOf(user, redisUrl), name: 'test' },
      password: new Secret(password),
    });
  const [user, password] = [
    `test-${randomBytes(4).toString('hex')}`,
    Buffer.from(randomBytes(32).toString('hex')),
  ];
  const rules = `user ${user} on #${createHash('sha256').update(password).digest('hex')} ~* &* +@all\n`;
  await appendFile(join(dir, 'redis/users.acl'), rules);
  await using operator = as('operator', await readRedisPassword(redisPasswords.operator));
  await operator.client.call('ACL', 'LOAD');
  return as(user, password);
}
