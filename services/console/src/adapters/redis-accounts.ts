import type { RedisClient } from '@sealtrack/redis/connect';
import type { StoredAccount } from '../domain/account.ts';
import type { Accounts, AccountWrite } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import {
  ACCOUNTS,
  accountKey,
  LINK_PREFIX,
  linkKey,
  linksKey,
  REVISION,
  SESSION_PREFIX,
  sessionsKey,
} from './redis-keys.ts';

// KEYS: accounts, the account, its sessions, its invitations. ARGV: the revision that this was decided at, the prefixes of sessions and
// links. One step each, so that nobody has a session of an account that is no more, and the last administrator stays one.
const CHECK = `
if (redis.call('HGET', KEYS[1], '${REVISION}') or '0') ~= ARGV[1] then return 0 end`;
const END_SESSIONS = `
for _, each in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do redis.call('DEL', ARGV[2] .. each) end
for _, each in ipairs(redis.call('SMEMBERS', KEYS[4])) do redis.call('DEL', ARGV[3] .. each) end
redis.call('DEL', KEYS[3], KEYS[4])`;

// KEYS[5]: a link, where one is taken. ARGV[4]: the name; ARGV[5]: whether sessions end; then fields and values.
const PUT = `${CHECK}
if KEYS[5] and redis.call('DEL', KEYS[5]) == 0 then return 0 end
if ARGV[5] == '1' then ${END_SESSIONS}
redis.call('HSET', KEYS[2], 'generation', tonumber(ARGV[1]) + 1)
end
redis.call('HDEL', KEYS[2], 'password', 'subject')
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], ARGV[4], '1')
redis.call('HINCRBY', KEYS[1], '${REVISION}', 1)
return 1`;

const REMOVE = `${CHECK}
${END_SESSIONS}
redis.call('DEL', KEYS[2])
redis.call('HDEL', KEYS[1], ARGV[4])
redis.call('HINCRBY', KEYS[1], '${REVISION}', 1)
return 1`;

const REHASH = `
if redis.call('HGET', KEYS[1], 'password') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'password', ARGV[2])
return 1`;

/** At a time, so that one answer stays small. */
const AT_A_TIME = 200;

/** Accounts in Redis, whose append-only file makes them durable. */
export function createRedisAccounts(redis: RedisClient): Accounts {
  const readAll = async (names: readonly string[]): Promise<StoredAccount[]> => {
    const found: (StoredAccount | undefined)[] = [];
    for (let at = 0; at < names.length; at += AT_A_TIME) {
      const some = names.slice(at, at + AT_A_TIME);
      const hashes = await Promise.all(some.map((name) => redis.hgetall(accountKey(name))));
      found.push(...hashes.map((hash, index) => decode(some[index] ?? '', hash)));
    }
    return found.filter((account) => account !== undefined);
  };
  const keysOf = (name: string): string[] => [ACCOUNTS, accountKey(name), sessionsKey(name), linksKey(name)];
  return {
    all: () =>
      orUnavailable(async () => {
        const { [REVISION]: revision = '0', ...names } = await redis.hgetall(ACCOUNTS);
        return { revision, accounts: await readAll(Object.keys(names).sort()) };
      }),
    // With the first one the revision has come, and it stays.
    any: () => orUnavailable(async () => (await redis.hlen(ACCOUNTS)) > 1),
    get: (name) => orUnavailable(async () => decode(name, await redis.hgetall(accountKey(name)))),
    put: ({ account, endsSessions, link }, revision) =>
      orUnavailable(async () => {
        const keys = [...keysOf(account.name), ...(link === undefined ? [] : [linkKey(link)])];
        const prefixes = [revision, SESSION_PREFIX, LINK_PREFIX];
        const how = [account.name, endsSessions ? '1' : '0', ...encode(account)];
        return (await redis.eval(PUT, keys.length, ...keys, ...prefixes, ...how)) === 1;
      }),
    remove: (name, revision) =>
      orUnavailable(async () => {
        const keys = keysOf(name);
        const answer = await redis.eval(
          REMOVE,
          keys.length,
          ...keys,
          revision,
          SESSION_PREFIX,
          LINK_PREFIX,
          name,
        );
        return answer === 1;
      }),
    rehash: (name, before, after) =>
      orUnavailable(async () => {
        await redis.eval(REHASH, 1, accountKey(name), before, after);
      }),
  };
}

const encode = ({
  kind,
  groups,
  isDisabled,
  createdAt,
  password,
  subject,
}: AccountWrite['account']): string[] => [
  ...['kind', kind, 'groups', groups.join(' '), 'disabled', isDisabled ? '1' : '0'],
  ...['createdAt', createdAt.toISOString()],
  ...(password === undefined ? [] : ['password', password]),
  ...(subject === undefined ? [] : ['subject', subject]),
];

function decode(name: string, hash: Readonly<Record<string, string>>): StoredAccount | undefined {
  const { kind, groups = '', disabled, createdAt = '', lastSignInAt, password, subject, generation } = hash;
  if (kind !== 'local' && kind !== 'oidc') return undefined;
  return {
    ...{ name, kind, password, subject },
    groups: groups === '' ? [] : groups.split(' '),
    isDisabled: disabled === '1',
    createdAt: new Date(createdAt),
    lastSignInAt: lastSignInAt === undefined ? undefined : new Date(lastSignInAt),
    generation: Number(generation ?? 0),
  };
}
