import { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { isRecordingId, type TenantId } from '@sealtrack/ids/ids';
import type { RedisClient } from '@sealtrack/redis/connect';
import { createMatcher, type Search, type Stored, wantsAll } from '../domain/search.ts';
import type { PageOptions, RecordingSearch } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import {
  byAgentKey,
  byProfileKey,
  countedKey,
  encryptedToKey,
  foundByKey,
  quarantinedKey,
  recordingIdOf,
  recordingKey,
  timelineEntry,
  timelineKey,
  timelineTime,
} from './redis-keys.ts';
import { boundsOf, type Range, walk } from './walk.ts';

/** Looked at for a page, at most: some 30 ms of work. */
const MOST = 2_000;
const AT_A_TIME = 50;
/** Where all of them are shown, no more is read than that. */
const SHOWN_AT_A_TIME = 10;

// Of the sets after the third key how many are in the range; and of the two hashes whether all recordings are in their sets.
const SIZES = `
local all = redis.call('ZCARD', KEYS[1])
local sizes = {}
for i = 2, 3 do
  sizes[i - 1] = all - tonumber(redis.call('HGET', KEYS[i], 'recordings') or '0') == 0 and 1 or 0
end
for i = 4, #KEYS do sizes[i - 1] = redis.call('ZLEXCOUNT', KEYS[i], ARGV[1], ARGV[2]) end
return sizes`;

export interface SearchOptions {
  readonly agentAttributes: readonly string[];
  /** Told of a tenant whose recordings are not all in the sets that they are found by. */
  readonly onIncomplete: (tenantId: TenantId) => void;
  /** Looked at for a page, at most. 2,000 unless told. */
  readonly most?: number | undefined;
}

/**
 * Each page walks the timeline from where the last one ended, or a set in the same order that has all that can fit: of the
 * certificate, the profile, the agent or the quarantine, whichever is smallest within the times. What is found by a set is still
 * compared with the recording itself, so a set that has too much does no harm, and one of which it is not certain that it has
 * all is not used.
 */
export function createRedisSearch(
  redis: RedisClient,
  { agentAttributes, onIncomplete, most = MOST }: SearchOptions,
): RecordingSearch {
  const readAll = (tenantId: TenantId, ids: readonly string[]) =>
    redis.mget(ids.map((id) => recordingKey(tenantId, id)));

  const choose = async (tenantId: TenantId, search: Search, bounds: Omit<Range, 'key'>): Promise<string> => {
    const { certificateId, profileId, agent } = search;
    const sets = [
      { key: timelineKey(tenantId), of: 'all' },
      ...(search.quarantined ? [{ key: quarantinedKey(tenantId), of: 'all' }] : []),
      ...(certificateId === undefined
        ? []
        : [{ key: encryptedToKey(tenantId, certificateId), of: 'certificates' }]),
      ...(profileId === undefined ? [] : [{ key: byProfileKey(tenantId, profileId), of: 'found-by' }]),
      ...(agent === undefined ? [] : [{ key: byAgentKey(tenantId, agent, agentAttributes), of: 'found-by' }]),
    ];
    if (sets.length === 1) return timelineKey(tenantId);
    const hashes = [countedKey(tenantId), foundByKey(tenantId, agentAttributes)];
    const keys = [timelineKey(tenantId), ...hashes, ...sets.map(({ key }) => key)];
    const answer = await redis.eval(SIZES, keys.length, ...keys, bounds.oldest, bounds.newest);
    const [certificates, foundBy, ...sizes] = answer as number[];
    if (foundBy === 0) onIncomplete(tenantId);
    const complete: Readonly<Record<string, boolean>> = {
      ...{ all: true, certificates: certificates === 1, 'found-by': foundBy === 1 },
    };
    const usable = sets.flatMap(({ key, of }, at) => (complete[of] ? [{ key, size: sizes[at] ?? 0 }] : []));
    return usable.reduce((least, each) => (each.size < least.size ? each : least)).key;
  };

  const search = async (tenantId: TenantId, { limit, after, search }: PageOptions) => {
    const matches = createMatcher(search, agentAttributes);
    const accept = (json: string, entry: string): Recording | undefined => {
      const stored = JSON.parse(json) as Stored;
      if (!matches(stored)) return undefined;
      const recording = Recording.fromJSON(stored);
      // A place that is left of what was changed since, or by an older version.
      return timelineEntry(recording) === entry ? recording : undefined;
    };
    // On the first page, wherever they are; passed over where they would be found in their turn.
    const named = [...new Set(search.words)].filter(isRecordingId);
    const first = after === undefined && named.length > 0 ? await readAll(tenantId, named) : [];
    const exact = first.flatMap((json) => {
      const recording = json === null ? undefined : Recording.fromJSON(JSON.parse(json));
      return recording && matches(recording) && isWithin(recording, search) ? [recording] : [];
    });
    const bounds = boundsOf({ after, search });
    if (exact.length >= limit) return { items: exact, next: beginningOf(search) };
    const isNamed = new Set<string>(named);
    const page = await walk(redis, {
      range: { key: await choose(tenantId, search, bounds), ...bounds },
      limit: limit - exact.length,
      ...(wantsAll(search) ? { most: limit, atATime: SHOWN_AT_A_TIME } : { most, atATime: AT_A_TIME }),
      read: (entries) => readAll(tenantId, entries.map(recordingIdOf)),
      accept: (json, entry) => (isNamed.has(recordingIdOf(entry)) ? undefined : accept(json, entry)),
    });
    return { items: [...exact, ...page.items], next: page.next };
  };

  return { search: (tenantId, options) => orUnavailable(() => search(tenantId, options)) };
}

const END_OF_TIME = Date.UTC(9999, 11, 31);
/** As a place to go on from: ids begin with a letter or digit, which come after the "-". */
const beginningOf = ({ until = END_OF_TIME }: Search): string => `${timelineTime(until)}:-`;

function isWithin({ startedAt }: Recording, { from, until }: Search): boolean {
  const at = startedAt?.getTime() ?? 0;
  return (from === undefined || at >= from) && (until === undefined || at < until);
}
