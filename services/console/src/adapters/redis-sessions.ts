import { randomBytes } from 'node:crypto';
import type { RedisClient } from '@sealtrack/redis/connect';
import { personOf, type StoredAccount } from '../domain/account.ts';
import type { Sessions } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { accountKey, digest, SESSION_PREFIX, sessionKey, sessionsKey } from './redis-keys.ts';

export interface SessionLimits {
  readonly idleSeconds: number;
  readonly seconds: number;
}

// KEYS: the account, the session, all of the account's. ARGV: the generation of the account that somebody has shown himself to own, when it
// ends and now (ms), how long it is idle at most, its digest, its end as a date, then fields and values. Not of an account that has changed
// since: whoever changed it has ended its sessions, and this one would be missed.
const OPEN = `
local account = redis.call('HMGET', KEYS[1], 'generation', 'disabled', 'kind')
if not account[3] or (account[1] or '0') ~= ARGV[1] or account[2] == '1' then return 0 end
for i = 7, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[5])
redis.call('PEXPIREAT', KEYS[3], ARGV[2])
redis.call('HSET', KEYS[1], 'lastSignInAt', ARGV[6])
return 1`;

// ARGV: now (ms), how long it may be idle, by how much clocks differ, and whether it is kept going. Redis lets it expire by its own clock, and
// what is stored is compared with ours, so that neither of them alone, set back, makes it last.
const FIND = `
local session = redis.call('HMGET', KEYS[1], 'user', 'kind', 'groups', 'endsAt', 'seenAt')
if not session[1] then return nil end
local now = tonumber(ARGV[1])
local left = tonumber(session[4]) - now
local idle = now - tonumber(session[5])
if left <= 0 or idle >= tonumber(ARGV[2]) or idle < -tonumber(ARGV[3]) then
  redis.call('DEL', KEYS[1])
  return nil
end
if ARGV[4] == '1' then
  redis.call('HSET', KEYS[1], 'seenAt', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], math.min(tonumber(ARGV[2]), left))
end
return session`;

/** Of the machines of several consoles. A clock that was set back by more ends the sessions, which is the safe side. */
const SKEW_MS = 60_000;

/** Sessions in Redis, of all consoles. The clock is in milliseconds since 1970. */
export function createRedisSessions(
  redis: RedisClient,
  { idleSeconds, seconds }: SessionLimits,
  now: () => number = Date.now,
): Sessions {
  const idleMs = idleSeconds * 1_000;
  return {
    open: (account) =>
      orUnavailable(async () => {
        const token = randomBytes(32).toString('base64url');
        const startedAt = now();
        const endsAt = startedAt + seconds * 1_000;
        const keys = [accountKey(account.name), sessionKey(token), sessionsKey(account.name)];
        const facts = [endsAt, startedAt, Math.min(idleMs, seconds * 1_000), digest(token)];
        const fields = encode(account, startedAt, endsAt);
        const given = [String(account.generation), ...facts, new Date(startedAt).toISOString(), ...fields];
        const answer = await redis.eval(OPEN, keys.length, ...keys, ...given);
        return answer === 1 ? { token, endsAt: new Date(endsAt) } : undefined;
      }),
    find: (token, isActivity) =>
      orUnavailable(async () => {
        const asked = [now(), idleMs, SKEW_MS, isActivity ? '1' : '0'];
        return decode(await redis.eval(FIND, 1, sessionKey(token), ...asked));
      }),
    end: (token) =>
      orUnavailable(async () => {
        await redis.del(SESSION_PREFIX + digest(token));
      }),
  };
}

const encode = (
  { name, kind, groups }: StoredAccount,
  startedAt: number,
  endsAt: number,
): (string | number)[] => [
  ...['user', name, 'kind', kind, 'groups', groups.join(' ')],
  ...['endsAt', endsAt, 'seenAt', startedAt],
];

function decode(answer: unknown) {
  if (!Array.isArray(answer)) return undefined;
  const [name, kind, groups, endsAt] = answer.map(String);
  if (name === undefined || (kind !== 'local' && kind !== 'oidc')) return undefined;
  const person = personOf({
    name,
    kind,
    groups: groups === undefined || groups === '' ? [] : groups.split(' '),
  });
  return { person, endsAt: new Date(Number(endsAt)) };
}
