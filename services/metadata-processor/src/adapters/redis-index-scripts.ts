/*
 * One step each, so that a recording is never in the timeline, counted in its sets, in quarantine or waiting as failed without
 * being there, nor the other way round. KEYS of both, made by `ownKeys`:
 *
 *   1 the recording   2 the timeline   3 and 4 the hashes that count (redis-counted-sets.ts)   5 the quarantine
 *   6 failures of the recording   7 captures that wait   8 … the sets that it is in
 *
 * ARGV of both: 1 the recording, 2 its place in the timeline, 3 "quarantined" or nothing, 4 its id, 5 when it was sealed.
 */

// What failed before it was sealed was made up for. A failure after that is of another capture with the same id.
export const ADD = `
local existing = redis.call('GET', KEYS[1])
if existing then return {0, existing} end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[2])
redis.call('HINCRBY', KEYS[3], 'recordings', 1)
redis.call('HINCRBY', KEYS[4], 'recordings', 1)
if ARGV[3] == 'quarantined' then redis.call('ZADD', KEYS[5], 0, ARGV[2]) end
for i = 8, #KEYS do redis.call('ZADD', KEYS[i], 0, ARGV[2]) end
local failures = redis.call('HGETALL', KEYS[6])
for i = 1, #failures, 2 do
  local at = string.sub(failures[i + 1], 1, 16)
  if at <= ARGV[5] then redis.call('ZREM', KEYS[7], at .. ':' .. failures[i] .. ':' .. ARGV[4]) end
end
if #failures > 0 then redis.call('PERSIST', KEYS[6]) end
return {1, ARGV[1]}`;

// Only in the place of what it was decided for: ARGV[6], which is ARGV[7] in the sets. The first ARGV[8] of the sets are
// those of certificates that it was in, and the next ARGV[9] those that it was found by, its profile first. It was in none when
// an older version put it there, and is counted now; that of the profile is there whatever agents were looked for.
export const REPLACE = `
if redis.call('GET', KEYS[1]) ~= ARGV[6] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[7])
redis.call('ZADD', KEYS[2], 0, ARGV[2])
redis.call('ZREM', KEYS[5], ARGV[7])
if ARGV[3] == 'quarantined' then redis.call('ZADD', KEYS[5], 0, ARGV[2]) end
local found = 8 + tonumber(ARGV[8])
local new = found + tonumber(ARGV[9])
local counted, counted_by = 0, 0
for i = 8, found - 1 do counted = counted + redis.call('ZREM', KEYS[i], ARGV[7]) end
redis.call('ZREM', KEYS[found], ARGV[7])
for i = found + 1, new - 1 do counted_by = counted_by + redis.call('ZREM', KEYS[i], ARGV[7]) end
for i = new, #KEYS do redis.call('ZADD', KEYS[i], 0, ARGV[2]) end
if counted == 0 then redis.call('HINCRBY', KEYS[3], 'recordings', 1) end
if counted_by == 0 then redis.call('HINCRBY', KEYS[4], 'recordings', 1) end
return 1`;

/** In the place of what it was decided for, in the same sets. */
export const AMEND = `
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1`;
