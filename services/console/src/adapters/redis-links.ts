import { randomBytes } from 'node:crypto';
import type { RedisClient } from '@sealtrack/redis/connect';
import type { Links, LinkUse } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { digest, LINK_PREFIX, linkKey, linksKey } from './redis-keys.ts';

const LINK_MS = 24 * 3_600_000;
// KEYS: the link, and all invitations of its account: the newest is the only one that is good. ARGV: what it is for, its digest, for how long,
// the prefix of links.
const INVITE = `
for _, each in ipairs(redis.call('SMEMBERS', KEYS[2])) do redis.call('DEL', ARGV[4] .. each) end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
redis.call('SADD', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1`;

const newToken = (): string => randomBytes(32).toString('base64url');

/** Links that let somebody in once. Redis forgets them after 24 hours. */
export function createRedisLinks(redis: RedisClient, now: () => number = Date.now): Links {
  const invite = (name: string, token: string, json: string) =>
    redis.eval(INVITE, 2, linkKey(token), linksKey(name), json, digest(token), LINK_MS, LINK_PREFIX);
  return {
    make: (use) =>
      orUnavailable(async () => {
        const token = newToken();
        const json = JSON.stringify(use);
        if (use.for === 'invitation') await invite(use.name, token, json);
        else await redis.set(linkKey(token), json, 'PX', LINK_MS);
        return { token, expiresAt: new Date(now() + LINK_MS) };
      }),
    find: (token) =>
      orUnavailable(async () => {
        const json = await redis.get(linkKey(token));
        return json === null ? undefined : (JSON.parse(json) as LinkUse);
      }),
  };
}
