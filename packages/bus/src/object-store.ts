import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError, isMissing } from './bus-errors.ts';
import { decodeObjectInfo, encodeObjectInfo, infoSubject, type ObjectInfo } from './object-info.ts';
import { readObject } from './object-read.ts';
import { abandonChunks, purgeChunks, writeObject } from './object-write.ts';
import { publishUntilAcked } from './publish-acked.ts';
import { OBJECT_STREAM } from './stream-configs.ts';

export interface ObjectReceipt {
  /** In bytes. */
  readonly size: number;
  /** As the protocol writes it: "SHA-256=" and padded base64url. */
  readonly digest: string;
}

export interface StoredObject {
  /** In bytes. */
  readonly size: number;
  /**
   * Once. Bytes come out before the whole is verified: the content counts only when it ended without an error.
   * Errors: MEDIA_UNREADABLE (chunks missing, or size or digest differ), BUS_UNAVAILABLE.
   */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * A bucket of the NATS Object Store, interoperable with any client of it. Memory is bounded both ways, whatever the
 * object's size and however slow the other side. Every method may throw BUS_UNAVAILABLE.
 */
export interface ObjectStore {
  /**
   * Resolves when all of it is stored; replaces an object of the same name. When it throws, or the process dies,
   * nobody can read a part of it as the whole. Errors of `content` are thrown as they are, STORE_FULL.
   */
  put(name: string, content: AsyncIterable<Uint8Array>): Promise<ObjectReceipt>;
  /** Throws MEDIA_UNREADABLE when there is no such object. */
  get(name: string): Promise<StoredObject>;
  /** Resolves also when there is no such object. */
  delete(name: string): Promise<void>;
}

/** A bucket that `ensureStreams`, or another client, made. */
export function openObjectStore(bus: Bus, bucket: string): ObjectStore {
  const find = (name: string) => findObject(bus, bucket, name);
  return {
    put: async (name, content) => {
      // Knowing what it replaces serves only to free memory sooner, so failing to learn that fails nothing.
      const finding = find(name).catch(() => undefined);
      const { info, chunkBytes } = await writeObject(bus, bucket, name, content);
      const replaced = await finding;
      await publishInfo(bus, bucket, info, chunkBytes);
      if (replaced !== undefined) await purgeChunks(bus, bucket, replaced.nuid).catch(() => {});
      return { size: info.size, digest: info.digest };
    },
    get: async (name) => {
      const info = await find(name);
      if (info === undefined || info.deleted) throw unreadable(bucket, name, 'is not in the object store');
      if (info.isLink) throw unreadable(bucket, name, 'is a link and not an object');
      return { size: info.size, content: readObject(bus, bucket, info) };
    },
    delete: async (name) => {
      const info = await find(name);
      if (info === undefined) return;
      try {
        if (!info.deleted) {
          await publishInfo(bus, bucket, { ...info, size: 0, chunks: 0, digest: '', deleted: true }, 0);
        }
        await purgeChunks(bus, bucket, info.nuid);
      } catch (error) {
        if (!isMissing(error)) throw busError(bus, `Deleting ${name} from the object store`, error);
      }
    },
  };
}

async function findObject(bus: Bus, bucket: string, name: string): Promise<ObjectInfo | undefined> {
  try {
    const query = { last_by_subj: infoSubject(bucket, name) };
    const stored = await bus.link.manager.streams.getMessage(OBJECT_STREAM(bucket), query);
    return stored === null ? undefined : decodeObjectInfo(stored.data);
  } catch (error) {
    // A broker that restarted has no memory bucket until somebody makes it again.
    if (isMissing(error)) return undefined;
    throw busError(bus, `Looking for ${name} in the object store`, error);
  }
}

/** From here on the object exists: it is the last thing a put does. */
async function publishInfo(
  bus: Bus,
  bucket: string,
  { isLink: _, ...info }: ObjectInfo,
  chunkBytes: number,
): Promise<void> {
  try {
    await publishUntilAcked(bus, {
      subject: infoSubject(bucket, info.name),
      headers: { 'Nats-Rollup': 'sub' },
      body: encodeObjectInfo(info, chunkBytes),
      messageId: `${info.nuid}:${info.deleted}`,
    });
  } catch (error) {
    if (!info.deleted) await abandonChunks(bus, bucket, info.nuid);
    throw busError(bus, `Storing ${info.name} in the object store`, error);
  }
}

const unreadable = (bucket: string, name: string, what: string): AppError =>
  new AppError('MEDIA_UNREADABLE', `The object ${name} ${what}`, {
    fix: 'Put it into the object store again and publish its capture again; keep a copy until recording.stored.',
    details: { bucket, object: name },
  });
