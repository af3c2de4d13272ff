import { randomBytes } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { RedisClient } from '@sealtrack/redis/connect';
import { addressGroup } from '../domain/sign-in-delay.ts';
import type { PendingSignIns } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { ALL_PENDING, digest, pendingKey, pendingsKey } from './redis-keys.ts';

const PENDING_MS = 10 * 60_000;
/** Anybody may begin one, and Redis has the recordings' index too: what nobody comes back to must not fill it. */
const OF_ADDRESS = 200;
const OF_ALL = 10_000;

// KEYS: the sign-in, those of its address, all. ARGV: now (ms), for how long, what it is, its digest, how many an address may have, and all.
const KEEP = `
local ends = tonumber(ARGV[1]) + tonumber(ARGV[2])
for i = 2, 3 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[1])
  if redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[i + 3]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])
for i = 2, 3 do
  redis.call('ZADD', KEYS[i], ends, ARGV[4])
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 1`;

/** Sign-ins at the provider that somebody has begun, until he comes back. The clock is in milliseconds since 1970. */
export function createRedisPendingSignIns(redis: RedisClient, now: () => number = Date.now): PendingSignIns {
  return {
    keep: (pending, client) =>
      orUnavailable(async () => {
        const token = randomBytes(32).toString('base64url');
        const ofAddress = pendingsKey(addressGroup(client));
        const keys = [pendingKey(token), ofAddress, ALL_PENDING];
        const facts = [now(), PENDING_MS, JSON.stringify({ pending, ofAddress }), digest(token)];
        const isKept = await redis.eval(KEEP, keys.length, ...keys, ...facts, OF_ADDRESS, OF_ALL);
        if (isKept !== 1) throw tooMany();
        return token;
      }),
    take: (token) =>
      orUnavailable(async () => {
        const json = await redis.getdel(pendingKey(token));
        if (json === null) return undefined;
        const { pending, ofAddress } = JSON.parse(json);
        await Promise.all([ofAddress, ALL_PENDING].map((key) => redis.zrem(key, digest(token))));
        return pending;
      }),
  };
}

const tooMany = (): AppError =>
  new AppError('TOO_MANY_CALLS', 'Too many sign-ins at the provider have been begun, and not finished', {
    fix: 'Try again in ten minutes, or sign in with an account of the console.',
  });
