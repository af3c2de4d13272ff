import type { RedisUser } from '@sealtrack/authority/redis-passwords';
import type { LocalServer } from '@sealtrack/local-servers/local-server';
import type { Connections } from './connections.ts';

/**
 * The settings of a service that uses Redis as `user`. Of a Redis that somebody else runs, the URL says who is who, or
 * nobody does.
 */
export function redisVariables(
  user: RedisUser,
  { url, pid }: Pick<LocalServer, 'url' | 'pid'>,
  { redisPasswords }: Pick<Connections, 'redisPasswords'>,
): Record<string, string> {
  if (redisPasswords === undefined || pid === undefined) return { SEALTRACK_REDIS_URL: url };
  return {
    SEALTRACK_REDIS_URL: redisUrlOf(user, url),
    SEALTRACK_REDIS_PASSWORD_FILE: redisPasswords[user],
  };
}

/** The URL with a user in it. */
export function redisUrlOf(user: string, url: string): string {
  const named = new URL(url);
  named.username = user;
  return named.href;
}
