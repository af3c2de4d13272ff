import { createHash } from 'node:crypto';
import type { StoredMsg } from '@nats-io/jetstream';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError, isMissing } from './bus-errors.ts';
import { chunkSubject, type ObjectInfo, parseDigest } from './object-info.ts';
import { openReader, ReaderLost } from './reader.ts';
import { OBJECT_STREAM } from './stream-configs.ts';
import { pause, untilConnected } from './wait.ts';

/** Chunks held at most: 4 MiB of them, the whole memory of a read. */
const WINDOW = 32;
/** How long a read waits for a lost connection to return. */
const RECONNECT_MS = 30_000;
/** Up to here asking for each chunk costs the broker less than making a consumer. */
const FEW_BYTES = 1024 * 1024;
const BEFORE_RETURN_MS = 100;

/** The content of an object, verified against its description at the end. */
export async function* readObject(bus: Bus, bucket: string, info: ObjectInfo): AsyncGenerator<Uint8Array> {
  const expected = parseDigest(info.digest);
  if (expected === undefined) throw damaged(info, 'has no SHA-256 to check it by');
  const sha256 = createHash('sha256');
  let size = 0;
  for await (const chunk of readChunks(bus, bucket, info)) {
    size += chunk.length;
    if (size > info.size) throw damaged(info, 'is longer than its description says');
    sha256.update(chunk);
    yield chunk;
  }
  if (!sha256.digest().equals(expected)) throw damaged(info, 'does not match its SHA-256');
}

/** Exactly `info.size` bytes or more, or an error. Goes on where it was after a lost connection. */
async function* readChunks(bus: Bus, bucket: string, info: ObjectInfo): AsyncGenerator<Uint8Array> {
  let left = info.size;
  let next = 1;
  if (left <= FEW_BYTES) {
    for await (const message of askForEach(bus, bucket, info)) {
      left -= message.data.length;
      next = message.seq + 1;
      yield message.data;
      if (left <= 0) return;
    }
  }
  while (left > 0) {
    try {
      using reader = await openReader(bus, {
        stream: OBJECT_STREAM(bucket),
        filter: chunkSubject(bucket, info.nuid),
        start: { sequence: next },
        window: WINDOW,
        finite: true,
      });
      if (reader.pendingAtStart === 0) throw damaged(info, 'has lost some of its content');
      while (left > 0) {
        const message = await reader.next();
        if (message === undefined) break;
        left -= message.body.length;
        next = message.sequence + 1;
        if (left > 0 && message.pending === 0) throw damaged(info, 'is shorter than its description says');
        yield message.body;
      }
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (isMissing(error)) throw damaged(info, 'has gone with its bucket');
      const lost = error instanceof ReaderLost || !bus.connected();
      if (!lost || !(await untilConnected(bus, RECONNECT_MS))) {
        throw busError(bus, `Reading ${info.name} from the object store`, error);
      }
      await pause(BEFORE_RETURN_MS);
    }
  }
}

/**
 * Chunks by one request each, up to the first that does not come: the bucket may have none. Not by direct gets: whoever may make
 * those of what it has put can have the broker publish it anywhere, under the rights of nobody (deploy/nats/users.conf).
 */
async function* askForEach(bus: Bus, bucket: string, info: ObjectInfo): AsyncGenerator<StoredMsg> {
  for (let next = 1; ; ) {
    const query = { seq: next, next_by_subj: chunkSubject(bucket, info.nuid) };
    const message = await bus.link.manager.streams.getMessage(OBJECT_STREAM(bucket), query).catch(() => null);
    if (message === null) return;
    yield message;
    next = message.seq + 1;
  }
}

const damaged = (info: ObjectInfo, what: string): AppError =>
  new AppError('MEDIA_UNREADABLE', `The object ${info.name} ${what}`, {
    fix: 'Put it into the object store again and publish its capture again; keep a copy until recording.stored.',
    details: { bucket: info.bucket, object: info.name },
  });
