import { createHash } from 'node:crypto';
import { nuid } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { chunkSubject, formatDigest, type ObjectInfo } from './object-info.ts';
import { OBJECT_STREAM } from './stream-configs.ts';
import { untilConnected } from './wait.ts';

/** What the protocol's other clients use, too. */
const CHUNK_BYTES = 128 * 1024;
/** Room for a message's headers, should the broker's limit be small. */
const HEADER_ROOM = 1_024;
/** Chunks published and not acknowledged yet: 4 MiB, the whole memory of a put. */
const WINDOW = 32;
const CHUNK_TIMEOUT_MS = 10_000;
const ABANDONED_MS = 60_000;

export const purgeChunks = (bus: Bus, bucket: string, id: string) =>
  bus.link.manager.streams.purge(OBJECT_STREAM(bucket), { filter: chunkSubject(bucket, id) });

/**
 * Removes the chunks of an object that will never exist, as soon as the bus is there for it. Nobody can read them;
 * left alone they hold the broker's memory until they expire.
 */
export async function abandonChunks(bus: Bus, bucket: string, id: string): Promise<void> {
  const purge = () => purgeChunks(bus, bucket, id).catch(() => {});
  if (bus.connected()) await purge();
  else void untilConnected(bus, ABANDONED_MS).then(async (connected) => void (connected && (await purge())));
}

/** Stores the chunks of an object that does not exist yet: that takes publishing the info this returns. */
export async function writeObject(
  bus: Bus,
  bucket: string,
  name: string,
  content: AsyncIterable<Uint8Array>,
): Promise<{ readonly info: ObjectInfo; readonly chunkBytes: number }> {
  const limit = (bus.link.connection.info?.max_payload ?? CHUNK_BYTES) - HEADER_ROOM;
  const chunkBytes = Math.min(CHUNK_BYTES, limit);
  const id = nuid.next();
  const writer = openChunkWriter(bus, chunkSubject(bucket, id), chunkBytes);
  const sha256 = createHash('sha256');
  let size = 0;
  try {
    for await (const part of content) {
      sha256.update(part);
      size += part.length;
      await writer.write(part);
    }
    await writer.finish();
  } catch (error) {
    await writer.settle();
    await abandonChunks(bus, bucket, id);
    throw writer.failure() === undefined
      ? error
      : busError(bus, `Storing ${name} in the object store`, error);
  } finally {
    writer.close();
  }
  const info = {
    name,
    bucket,
    nuid: id,
    size,
    chunks: Math.ceil(size / chunkBytes),
    digest: formatDigest(sha256.digest()),
    mtime: new Date().toISOString(),
    deleted: false,
    isLink: false,
  };
  return { info, chunkBytes };
}

/**
 * Cuts what is written into chunks and publishes them in order. A chunk is never published twice: the stream would
 * hold it out of place. So one that was not acknowledged fails the whole, and so does a lost connection.
 */
function openChunkWriter(bus: Bus, subject: string, chunkBytes: number) {
  const free: Buffer[] = [];
  const inFlight = new Set<Promise<void>>();
  let failed: { readonly cause: unknown } | undefined;
  let wake: (() => void) | undefined;
  let buffer: Buffer | undefined;
  let filled = 0;

  const fail = (cause: unknown): void => {
    failed ??= { cause };
    wake?.();
  };
  let lost = false;
  const stopListening = bus.link.onChange(() => {
    lost = true;
    fail(new Error('The connection to the bus was lost'));
  });
  const progress = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });

  const publish = async (memory: Buffer, chunk: Buffer): Promise<void> => {
    if (!bus.connected()) fail(new Error('The bus is not connected'));
    while (inFlight.size >= WINDOW && failed === undefined) await progress();
    if (failed !== undefined) throw failed.cause;
    const sending = bus.link.jetstream
      .publish(subject, chunk, { timeout: CHUNK_TIMEOUT_MS })
      .then(() => void free.push(memory), fail)
      .finally(() => {
        inFlight.delete(sending);
        wake?.();
      });
    inFlight.add(sending);
  };
  return {
    failure: () => failed,
    write: async (part: Uint8Array): Promise<void> => {
      for (let offset = 0; offset < part.length; ) {
        buffer ??= free.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
        const count = Math.min(chunkBytes - filled, part.length - offset);
        buffer.set(part.subarray(offset, offset + count), filled);
        offset += count;
        filled += count;
        if (filled < chunkBytes) continue;
        await publish(buffer, buffer);
        buffer = undefined;
        filled = 0;
      }
    },
    /** Publishes the rest and waits until all of it is stored. */
    finish: async (): Promise<void> => {
      if (buffer !== undefined && filled > 0) await publish(buffer, buffer.subarray(0, filled));
      while (inFlight.size > 0 && failed === undefined) await progress();
      if (failed !== undefined) throw failed.cause;
    },
    /** Waits for the chunks in flight, so that none is stored after a purge. A lost connection took its own along. */
    settle: async (): Promise<void> => {
      while (inFlight.size > 0 && !lost) await progress();
    },
    close: stopListening,
  };
}
