import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { openReaderWhenPossible, type Reader, ReaderLost, type ReadMessage } from './reader.ts';
import { KV_STREAM } from './stream-configs.ts';

export interface KvChange {
  readonly key: string;
  /** Undefined when the entry was deleted. */
  readonly value: Uint8Array | undefined;
  readonly revision: number;
  /**
   * It is not in the bucket any more and nobody deleted it: the bucket was lost, or put back to an earlier time. What was
   * deleted leaves a mark.
   */
  readonly vanished?: true;
}

/** When it was written tells apart two values of one revision: a bucket that was put back gives out numbers again. */
interface DatedChange extends KvChange {
  readonly time: number;
}

export interface KvChanges {
  /**
   * What changed since the last item. The first ones, until one is up to date, have every entry there is, and the marks of
   * those that were deleted.
   */
  readonly entries: readonly KvChange[];
  /** False until every entry is in, and from the moment the connection is lost until what changed meanwhile is in. */
  readonly upToDate: boolean;
}

const WINDOW = 256;
/** Without a message for so long, it is looked whether any is to come; and so often, before it is read anew. */
const QUIET_MS = 100;
const MOST_QUIET = 20;
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
  const known = new Map<string, Known>();
  const apply = (entries: readonly DatedChange[], upToDate = true): KvChanges => {
    for (const { key, value, revision, time } of entries) {
      if (value === undefined) known.delete(key);
      else known.set(key, { revision, time });
    }
    return { entries, upToDate };
  };
  let isFirst = true;
  while (!signal.aborted) {
    try {
      using reader = await openKvReader(bus, bucket, signal);
      if (reader === undefined) return;
      const keys = new Set<string>();
      for await (const { entries, isWhole } of readSnapshot(bus, bucket, reader)) {
        for (const { key } of entries) keys.add(key);
        const changed = entries.filter((each) => isFirst || isNews(each, known.get(each.key)));
        yield apply(isWhole ? [...changed, ...vanished(known, keys)] : changed, isWhole);
      }
      isFirst = false;
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

interface Known {
  readonly revision: number;
  readonly time: number;
}

const isNews = ({ value, revision, time }: DatedChange, before: Known | undefined): boolean =>
  value === undefined ? before !== undefined : before?.revision !== revision || before.time !== time;

const vanished = (known: ReadonlyMap<string, Known>, keys: ReadonlySet<string>): DatedChange[] =>
  [...known].flatMap(([key, last]) =>
    keys.has(key) ? [] : [{ key, value: undefined, ...last, vanished: true as const }],
  );

/** Every entry at this moment, deleted ones left out. Errors: BUS_UNAVAILABLE. */
export async function listKv(bus: Bus, bucket: string): Promise<KvChange[]> {
  const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
  let failure: unknown;
  while (!signal.aborted) {
    try {
      using reader = await openKvReader(bus, bucket, signal);
      if (reader === undefined) break;
      const snapshot = new Map<string, KvChange>();
      for await (const { entries } of readSnapshot(bus, bucket, reader))
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
    // A bucket keeps the newest of each key, so this is every entry. Asked for the newest of each instead, brokers (2.9 at
    // least) lose count of what is replaced before it is sent.
    start: 'first',
    window: WINDOW,
    signal,
  });

interface Batch {
  readonly entries: readonly DatedChange[];
  /** With this one, every key there is was read. */
  readonly isWhole: boolean;
}

/**
 * Every entry at this moment, at least one batch. Ends before it is whole when the signal aborted. What a broker says is
 * pending is not enough to go by: while somebody writes it is never 0, and what is to come can expire or be replaced.
 */
async function* readSnapshot(bus: Bus, bucket: string, reader: Reader): AsyncGenerator<Batch> {
  const keys = new Set<string>();
  let [read, quiet] = [0, 0];
  for (let isWhole = reader.pendingAtStart === 0; ; ) {
    const messages = isWhole ? [] : await reader.nextAll(QUIET_MS);
    if (messages === undefined) return;
    for (const { subject } of messages) keys.add(subject);
    const newest = messages.at(-1);
    read += messages.length;
    quiet = newest === undefined ? quiet + 1 : 0;
    if (newest?.pending === 0) isWhole = true;
    else if (!isWhole && (newest === undefined || read >= reader.pendingAtStart))
      // One that was replaced before it was sent comes once more, at the end.
      isWhole = keys.size >= (await countKeys(bus, bucket));
    if (quiet > MOST_QUIET) throw new ReaderLost('the broker does not send what it has');
    yield { entries: newestOfEach(bucket, messages), isWhole };
    if (isWhole) return;
  }
}

/** Those that were deleted among them. */
async function countKeys(bus: Bus, bucket: string): Promise<number> {
  try {
    return (await bus.link.manager.streams.info(KV_STREAM(bucket))).state.num_subjects ?? 0;
  } catch {
    throw new ReaderLost('the stream cannot be asked what it has');
  }
}

const toDatedChange = (bucket: string, message: ReadMessage): DatedChange => ({
  ...toKvChange(bucket, message),
  time: message.time.getTime(),
});

const newestOfEach = (bucket: string, messages: readonly ReadMessage[]): DatedChange[] => [
  ...new Map(
    messages.map((message) => toDatedChange(bucket, message)).map((each) => [each.key, each]),
  ).values(),
];
