import { randomBytes } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { RedisClient } from '@sealtrack/redis/connect';
import { addressGroup, delayAfter, OF_ACCOUNT, OF_ADDRESS, type Patience } from '../domain/sign-in-delay.ts';
import type { Attempt, SignInThrottle } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { browserKey, digest, throttleKey } from './redis-keys.ts';

// KEYS: what is counted. ARGV: now (ms), how long a count is kept, then for each key how many milliseconds to wait after the first failure,
// the second, … with commas between; after more, the last. All are looked at before any is counted: who is refused is held up no longer for it.
// Returns how long to wait. A clock that was set back holds nobody up for longer than he would be after one more failure.
const ATTEMPT = `
local now = tonumber(ARGV[1])
local steps = {}
local wait = 0
for i = 1, #KEYS do
  local delays = {}
  for each in string.gmatch(ARGV[i + 2], '%d+') do delays[#delays + 1] = tonumber(each) end
  local counted = redis.call('HMGET', KEYS[i], 'failures', 'until')
  local failures = tonumber(counted[1] or '0')
  local left = math.min(tonumber(counted[2] or '0') - now, delays[math.min(failures + 1, #delays)])
  if left > wait then wait = left end
  steps[i] = { failures + 1, now + delays[math.min(failures + 1, #delays)] }
end
if wait > 0 then return wait end
for i = 1, #KEYS do
  redis.call('HSET', KEYS[i], 'failures', steps[i][1], 'until', string.format('%d', steps[i][2]))
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 0`;

// KEYS: what begins anew; what has one failure less, which it was counted before it was none.
const SUCCEEDED = `
redis.call('DEL', KEYS[1])
local failures = tonumber(redis.call('HGET', KEYS[2], 'failures') or '0')
if failures > 0 then redis.call('HSET', KEYS[2], 'failures', failures - 1, 'until', '0') end
return 1`;

/** Longer than the longest delay, so that whoever waits has not begun anew. */
const KEPT_MS = 3_600_000;
const BROWSER_MS = 90 * 24 * 3_600_000;
/** Delays that are told apart: they have come to their longest before. */
const STEPS = 32;

/** Counts in Redis, so that several consoles hold up together. The clock is in milliseconds since 1970. */
export function createRedisThrottle(redis: RedisClient, now: () => number = Date.now): SignInThrottle {
  const isKnown = async ({ browser, name }: Attempt): Promise<boolean> =>
    browser !== undefined && (await redis.get(browserKey(browser))) === name;
  const keysOf = ({ name, client, browser = '' }: Attempt, known: boolean): [string, string] => {
    const own = known ? throttleKey('browser', digest(browser)) : throttleKey('account', name);
    return [own, throttleKey('address', addressGroup(client))];
  };
  return {
    attempt: (attempt) =>
      orUnavailable(async () => {
        const known = await isKnown(attempt);
        const keys = keysOf(attempt, known);
        const wait = await redis.eval(
          ATTEMPT,
          2,
          ...keys,
          now(),
          KEPT_MS,
          listOf(OF_ACCOUNT),
          listOf(OF_ADDRESS),
        );
        if (Number(wait) > 0) throw tooMany(Number(wait));
        return {
          isKnown: known,
          succeeded: () =>
            orUnavailable(async () => {
              await redis.eval(SUCCEEDED, 2, ...keys);
            }),
        };
      }),
    knowBrowser: (name) =>
      orUnavailable(async () => {
        const token = randomBytes(32).toString('base64url');
        await redis.set(browserKey(token), name, 'PX', BROWSER_MS);
        return token;
      }),
  };
}

const listOf = (patience: Patience): string =>
  Array.from({ length: STEPS }, (_, index) => delayAfter(index + 1, patience)).join(',');

const tooMany = (waitMs: number): AppError =>
  new AppError('TOO_MANY_FAILURES', 'Too many sign-ins have failed', {
    fix: `Wait ${Math.ceil(waitMs / 1_000)} s, then try again. Whoever has forgotten a password has an administrator send another invitation.`,
    details: { retry_after_ms: String(Math.ceil(waitMs)) },
  });
