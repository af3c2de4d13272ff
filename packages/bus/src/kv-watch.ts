import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { openReaderWhenPossible, type Reader, ReaderLost, type ReadMessage } from './reader.ts';
import { KV_STREAM } from './stream-configs.ts';

export interface KvChange {
  readonly key: string;
  /** Undefined when the entry was deleted. */
  readonly value: Uint8Array | undefined;
  readonly revision: number;
}

export interface KvChanges {
  /** What changed since the last item. The first ones, until one is up to date, have every entry there is. */
  readonly entries: readonly KvChange[];
  /** False until every entry is in, and from the moment the connection is lost until what changed meanwhile is in. */
  readonly upToDate: boolean;
}

const WINDOW = 256;
/** How long the counts of what is still to come are believed. */
const ASK_AFTER_MS = 100;
/** Somebody waits for a list, behind a call that is given up after 10 s. */
const LIST_TIMEOUT_MS = 5_000;
const TOMBSTONES: ReadonlySet<string> = new Set(['DEL', 'PURGE']);

export const kvSubject = (bucket: string, key: string): string => `$KV.${bucket}.${key}`;

export function toKvChange(
  bucket: string,
  message: Pick<ReadMessage, 'subject' | 'sequence' | 'body' | 'headers'>,
): KvChange {
  const deleted = TOMBSTONES.has(message.headers()['KV-Operation'] ?? '');
  return {
    key: message.subject.slice(kvSubject(bucket, '').length),
    value: deleted ? undefined : message.body,
    revision: message.sequence,
  };
}

/**
 * The entries of a bucket and every change from then on, until the signal aborts. After a lost connection it reads
 * everything anew and tells the differences, deletions included, so the newest value of no key is missed whatever
 * happened in between; values that were overwritten meanwhile are not seen. It holds a batch of entries at a time, and
 * of the others no more than their keys.
 */
export async function* watchKv(bus: Bus, bucket: string, signal: AbortSignal): AsyncGenerator<KvChanges> {
  const known = new Map<string, number>();
  const apply = (entries: readonly KvChange[], upToDate = true): KvChanges => {
    for (const { key, value, revision } of entries) {
      if (value === undefined) known.delete(key);
      else known.set(key, revision);
    }
    return { entries, upToDate };
  };
  while (!signal.aborted) {
    try {
      using reader = await openKvReader(bus, bucket, signal);
      if (reader === undefined) return;
      const keys = new Set<string>();
      for await (const { entries, isWhole } of readSnapshot(bucket, reader)) {
        for (const { key } of entries) keys.add(key);
        const changed = entries.filter(({ key, value, revision }) =>
          value === undefined ? known.has(key) : known.get(key) !== revision,
        );
        yield apply(isWhole ? [...changed, ...missing(known, keys)] : changed, isWhole);
      }
      for (let messages = await reader.nextAll(); messages !== undefined; messages = await reader.nextAll()) {
        yield apply(newestOfEach(bucket, messages));
      }
    } catch (error) {
      if (!(error instanceof ReaderLost) || bus.link.connection.isClosed()) {
        throw busError(bus, `Watching the bucket ${bucket}`, error);
      }
      yield { entries: [], upToDate: false };
    }
  }
}

/** Every entry at this moment, deleted ones left out. Errors: BUS_UNAVAILABLE. */
export async function listKv(bus: Bus, bucket: string): Promise<KvChange[]> {
  const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
  let failure: unknown;
  while (!signal.aborted) {
    try {
      using reader = await openKvReader(bus, bucket, signal);
      if (reader === undefined) break;
      const snapshot = new Map<string, KvChange>();
      for await (const { entries } of readSnapshot(bucket, reader))
        for (const entry of entries) snapshot.set(entry.key, entry);
      if (!signal.aborted) return [...snapshot.values()].filter((entry) => entry.value !== undefined);
    } catch (error) {
      failure = error;
      if (!(error instanceof ReaderLost) || bus.link.connection.isClosed()) break;
    }
  }
  throw busError(bus, `Listing the bucket ${bucket}`, failure);
}

const openKvReader = (bus: Bus, bucket: string, signal: AbortSignal): Promise<Reader | undefined> =>
  openReaderWhenPossible(bus, {
    stream: KV_STREAM(bucket),
    filter: kvSubject(bucket, '>'),
    start: 'newest-of-each',
    window: WINDOW,
    signal,
  });

interface Batch {
  readonly entries: readonly KvChange[];
  /** With this one, every entry there is was read. */
  readonly isWhole: boolean;
}

/** Every entry at this moment, at least one batch. Ends before it is whole when the signal aborted. */
async function* readSnapshot(bucket: string, reader: Reader): AsyncGenerator<Batch> {
  let pending = reader.pendingAtStart;
  let asked = performance.now();
  do {
    const messages = pending > 0 ? await reader.nextAll(ASK_AFTER_MS) : [];
    if (messages === undefined) return;
    pending = messages.at(-1)?.pending ?? pending;
    // Where an entry was written over or expired before it was sent, the count is too high: the broker knows better.
    if (pending > 0 && performance.now() - asked >= ASK_AFTER_MS) {
      const rest = await reader.rest();
      if (rest !== undefined) {
        messages.push(...rest);
        pending = 0;
      }
      asked = performance.now();
    }
    yield { entries: newestOfEach(bucket, messages), isWhole: pending === 0 };
  } while (pending > 0);
}

const newestOfEach = (bucket: string, messages: readonly ReadMessage[]): KvChange[] => [
  ...new Map(messages.map((message) => toKvChange(bucket, message)).map((each) => [each.key, each])).values(),
];

const missing = (known: ReadonlyMap<string, number>, keys: ReadonlySet<string>): KvChange[] =>
  [...known].flatMap(([key, revision]) => (keys.has(key) ? [] : [{ key, value: undefined, revision }]));
