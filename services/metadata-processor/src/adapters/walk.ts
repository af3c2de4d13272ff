import type { RedisClient } from '@sealtrack/redis/connect';
import type { Search } from '../domain/search.ts';
import type { Page, PageOptions } from '../ports.ts';
import { timelineTime } from './redis-keys.ts';

/** A sorted set whose members sort as text, such as the timeline, between two of them. */
export interface Range {
  readonly key: string;
  /** As in ZRANGEBYLEX: the newest, and the oldest. */
  readonly newest: string;
  readonly oldest: string;
}

/** Of what is looked for: its times, and the place where the page before ended. */
export const boundsOf = ({ after, search }: Omit<PageOptions, 'limit'>): Omit<Range, 'key'> => ({
  newest: after === undefined ? newestOf(search) : `(${after}`,
  oldest: search.from === undefined ? '-' : `[${timelineTime(search.from)}:`,
});

const newestOf = ({ until }: Search): string => (until === undefined ? '+' : `(${timelineTime(until)}:`);

export interface Walk<T> {
  readonly range: Range;
  readonly limit: number;
  /** Entries that are looked at, at most. */
  readonly most: number;
  /** Entries whose documents are read together. */
  readonly atATime: number;
  read(entries: readonly string[]): Promise<readonly (string | null)[]>;
  /** What the entry stands for; undefined when it is not wanted. */
  accept(json: string, entry: string): T | undefined;
}

/**
 * A page ends early when what is on it has so many bytes: a message takes 4 MiB, and a single recording can have 210 KB of
 * attributes.
 */
const ENOUGH_BYTES = 1.5 * 1024 * 1024;
/** The same for what was read for it: a call has to come back soon. */
const ENOUGH_READ_BYTES = 32 * 1024 * 1024;

/** From the newest on, until the page is full or enough was looked at. Where it stopped, the next page goes on. */
export async function walk<T>(
  redis: RedisClient,
  { range, limit, most, ...walk }: Walk<T>,
): Promise<Page<T>> {
  const { key, newest, oldest } = range;
  const entries = await redis.zrevrangebylex(key, newest, oldest, 'LIMIT', 0, most + 1);
  const end = Math.min(entries.length, most);
  const items: T[] = [];
  let [passed, bytes, readBytes] = [0, 0, 0];
  const isFull = () => items.length >= limit || bytes >= ENOUGH_BYTES;
  while (passed < end && !isFull() && readBytes < ENOUGH_READ_BYTES) {
    const some = entries.slice(passed, Math.min(passed + walk.atATime, end));
    const documents = await walk.read(some);
    for (const [at, entry] of some.entries()) {
      if (isFull()) break;
      passed += 1;
      const json = documents[at] ?? null;
      if (json === null) continue;
      const size = Buffer.byteLength(json);
      readBytes += size;
      const item = walk.accept(json, entry);
      if (item === undefined) continue;
      items.push(item);
      bytes += size;
    }
  }
  return { items, next: passed < entries.length ? entries[passed - 1] : undefined };
}
