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
  /** What changed since the last item; in the first item, every entry there is. */
  readonly entries: readonly KvChange[];
  /** False from the moment the connection is lost until everything that changed meanwhile is in. */
  readonly upToDate: boolean;
}

/**
 * A revision alone names no entry for good: in a bucket that was put back to an earlier time the same ones are given again.
 */
interface DatedChange extends KvChange {
  readonly time: number;
}

type Known = Pick<DatedChange, 'revision' | 'time'>;

const WINDOW = 256;
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
 * happened in between; values that were overwritten meanwhile are not seen.
 */
export async function* watchKv(bus: Bus, bucket: string, signal: AbortSignal): AsyncGenerator<KvChanges> {
  const known = new Map<string, Known>();
  const apply = (entries: readonly DatedChange[]): KvChanges => {
    for (const { key, value, revision, time } of entries) {
      if (value === undefined) known.delete(key);
      else known.set(key, { revision, time });
    }
    return { entries, upToDate: true };
  };
  while (!signal.aborted) {
    try {
      using reader = await openKvReader(bus, bucket, signal);
      const snapshot = reader && (await readSnapshot(bus, bucket, reader));
      if (reader === undefined || snapshot === undefined) return;
      yield apply(differences(known, snapshot));
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
      const snapshot = reader && (await readSnapshot(bus, bucket, reader));
      if (snapshot !== undefined) return [...snapshot.values()].filter((entry) => entry.value !== undefined);
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

/**
 * The broker counts an entry that is written to just when a reader opens once more than it delivers it, and goes on doing so:
 * for that reader there is always something pending. So once all that it spoke of has come, the stream is asked for its end.
 * Undefined when the signal aborted.
 */
async function readSnapshot(
  bus: Bus,
  bucket: string,
  reader: Reader,
): Promise<Map<string, DatedChange> | undefined> {
  const snapshot = new Map<string, DatedChange>();
  let [read, newest] = [0, 0];
  let end: StreamEnd | undefined;
  for (let pending = reader.pendingAtStart; pending > 0; ) {
    const messages = await reader.nextAll();
    if (messages === undefined) return undefined;
    for (const message of messages) {
      const entry = toDatedChange(bucket, message);
      snapshot.set(entry.key, entry);
      [pending, newest] = [message.pending, message.sequence];
    }
    read += messages.length;
    if (pending === 0 || read < reader.pendingAtStart) continue;
    end ??= await readEnd(bus, bucket);
    if (newest < end.sequence) continue;
    if (snapshot.size >= end.entries) break;
    // One was written to again before it was delivered: it comes, and is missing until then.
    end = undefined;
  }
  return snapshot;
}

interface StreamEnd {
  readonly sequence: number;
  readonly entries: number;
}

async function readEnd(bus: Bus, bucket: string): Promise<StreamEnd> {
  try {
    const { state } = await bus.link.manager.streams.info(KV_STREAM(bucket));
    return { sequence: state.last_seq, entries: state.num_subjects ?? 0 };
  } catch {
    throw new ReaderLost('the stream cannot be asked for its end');
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

function differences(
  known: ReadonlyMap<string, Known>,
  snapshot: ReadonlyMap<string, DatedChange>,
): DatedChange[] {
  const changed = [...snapshot.values()].filter(({ key, value, revision, time }) => {
    const before = known.get(key);
    return value === undefined ? before !== undefined : before?.revision !== revision || before.time !== time;
  });
  const vanished = [...known].filter(([key]) => !snapshot.has(key));
  return [...changed, ...vanished.map(([key, last]) => ({ key, value: undefined, ...last }))];
}
