import { randomUUID } from 'node:crypto';
import type { StoredMsg } from '@nats-io/jetstream';
import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import type { Bus } from './bus.ts';
import { busError, isMissing, isStreamMissing, isWrongRevision } from './bus-errors.ts';
import { type KvChange, type KvChanges, kvSubject, listKv, toKvChange, watchKv } from './kv-watch.ts';
import { publishUntilAcked } from './publish-acked.ts';
import { readHeaders } from './stored-message.ts';
import { KV_STREAM } from './stream-configs.ts';

export interface KvEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Grows with every change in the bucket; what `update` expects. */
  readonly revision: number;
}

/** A key-value bucket. Every method may throw BUS_UNAVAILABLE, and those that write STORE_FULL. */
export interface Kv {
  /** The revision of the new entry. Throws the code for "exists" when the key has a value. */
  create(key: string, value: Uint8Array): Promise<number>;
  /** The new revision. Throws the code for "conflict" unless the entry's revision is the expected one. */
  update(key: string, value: Uint8Array, expectedRevision: number): Promise<number>;
  /** Whatever was there before. The new revision. */
  put(key: string, value: Uint8Array): Promise<number>;
  /** Throws the code for "conflict" unless the entry's revision is the expected one. */
  delete(key: string, expectedRevision: number): Promise<void>;
  /** What was written last, by whomever. */
  get(key: string): Promise<KvEntry | undefined>;
  list(): Promise<KvEntry[]>;
  watch(options: { readonly signal: AbortSignal }): AsyncGenerator<KvChanges>;
}

export interface KvOptions {
  /** What an existing key means to this bucket's users. OBJECT_EXISTS unless told. */
  readonly existsCode?: ErrorCode;
  /** What a wrong revision means to this bucket's users. PROFILE_CONFLICT unless told. */
  readonly conflictCode?: ErrorCode;
}

/** People wait for these writes, behind calls that are given up after 10 s: they are to learn the reason before. */
const WRITE_TIMEOUT_MS = 5_000;

const DELETED: Readonly<Record<string, string>> = { 'KV-Operation': 'DEL' };

/** A bucket that `ensureStreams` made. */
export function openKv(bus: Bus, bucket: string, options: KvOptions = {}): Kv {
  const readStored = async (key: string): Promise<StoredMsg | undefined> => {
    try {
      const query = { last_by_subj: kvSubject(bucket, key) };
      return (await bus.link.manager.streams.getMessage(KV_STREAM(bucket), query)) ?? undefined;
    } catch (error) {
      if (isMissing(error) && !isStreamMissing(error)) return undefined;
      throw busError(bus, `Reading ${key} from the bucket ${bucket}`, error);
    }
  };
  const read = async (key: string): Promise<KvChange | undefined> => {
    const stored = await readStored(key);
    if (stored === undefined) return undefined;
    const { subject, seq: sequence, data: body } = stored;
    return toKvChange(bucket, { subject, sequence, body, headers: () => readHeaders(stored.header) });
  };
  const write = async (
    key: string,
    body: Uint8Array,
    expectedRevision: number | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<number> => {
    const messageId = randomUUID();
    const expected = expectedRevision === undefined ? {} : { expectedRevision };
    const message = { subject: kvSubject(bucket, key), headers, body, messageId, ...expected };
    try {
      return (await publishUntilAcked(bus, message, { timeoutMs: WRITE_TIMEOUT_MS })).seq;
    } catch (error) {
      // Tried again after a lost acknowledgement, a write is in conflict with itself: newer brokers compare
      // revisions before ids.
      const stored = isWrongRevision(error) ? await readStored(key) : undefined;
      if (stored?.header.get('Nats-Msg-Id') === messageId) return stored.seq;
      throw error;
    }
  };
  const guarded = async <T>(
    key: string,
    work: () => Promise<T>,
    onWrongRevision: () => AppError,
  ): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isWrongRevision(error)) throw onWrongRevision();
      throw busError(bus, `Writing ${key} to the bucket ${bucket}`, error);
    }
  };
  const exists = (key: string) => (): AppError =>
    new AppError(options.existsCode ?? 'OBJECT_EXISTS', `${key} exists already`, {
      fix: 'Choose another id, or change the entry that is there.',
      details: { bucket, key },
    });
  const conflict = (key: string) => (): AppError =>
    new AppError(
      options.conflictCode ?? 'PROFILE_CONFLICT',
      `${key} was changed by somebody else meanwhile`,
      {
        fix: 'Read it again, and repeat the change on what is there now.',
        details: { bucket, key },
      },
    );

  return {
    create: (key, value) =>
      guarded(
        key,
        async () => {
          try {
            return await write(key, value, 0);
          } catch (error) {
            // A deleted entry leaves a marker: creating over it is an update of the marker.
            const last = isWrongRevision(error) ? await read(key) : undefined;
            if (last === undefined || last.value !== undefined) throw error;
            return await write(key, value, last.revision);
          }
        },
        exists(key),
      ),
    update: (key, value, expectedRevision) =>
      guarded(key, () => write(key, value, expectedRevision), conflict(key)),
    put: (key, value) => guarded(key, () => write(key, value, undefined), conflict(key)),
    delete: async (key, expectedRevision) => {
      await guarded(key, () => write(key, new Uint8Array(), expectedRevision, DELETED), conflict(key));
    },
    get: async (key) => {
      const entry = await read(key);
      return entry?.value === undefined ? undefined : { key, value: entry.value, revision: entry.revision };
    },
    list: async () =>
      (await listKv(bus, bucket)).flatMap(({ key, value, revision }) =>
        value === undefined ? [] : [{ key, value, revision }],
      ),
    watch: ({ signal }) => watchKv(bus, bucket, signal),
  };
}
