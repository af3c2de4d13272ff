import {
  MAX_MANIFEST_BYTES,
  type Manifest,
  parseManifest,
  serializeManifest,
} from '@sealtrack/envelope/manifest';
import { hasCode } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { once, readAll } from '@sealtrack/media-store/read-all';
import type { Log } from '@sealtrack/service-kit/logger';
import { z } from 'zod';
import { QUARANTINE } from '../domain/layout.ts';
import {
  type ListedMark,
  parseQuarantineKey,
  type QuarantineMark,
  releaseKey,
} from '../domain/quarantine-mark.ts';
import type { Quarantine } from '../ports.ts';

const MAX_MARK_BYTES = 4096;

const schema = z.object({ since: z.iso.datetime() });

/** Marks as small objects in the media store itself, so that a recording and its mark share one fate. */
export function createStoreQuarantine(store: MediaStore, log: Log): Quarantine {
  /** Undefined when whoever decided it came to its end meanwhile, and took it away. */
  async function readDecided(mark: QuarantineMark): Promise<Manifest | undefined> {
    try {
      return parseManifest(await readAll(store, releaseKey(mark), MAX_MANIFEST_BYTES));
    } catch (error) {
      if (hasCode(error, 'OBJECT_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  return {
    async mark(key, since) {
      await store.create(key, once(Buffer.from(JSON.stringify({ since }))));
    },
    async unmark(key) {
      const mark = parseQuarantineKey(key);
      if (mark === undefined) return;
      // In this order: a release without its mark is found whatever its profile is, and a mark alone is not.
      await store.delete(mark.key);
      await store.delete(releaseKey(mark));
    },
    async *list() {
      let last: ListedMark | undefined;
      for await (const key of store.list(`${QUARANTINE}/`)) {
        const mark = parseQuarantineKey(key);
        if (mark === undefined) {
          log.error({ key }, 'not the name of a mark of the quarantine');
          continue;
        }
        const isDecided = key === releaseKey(mark);
        // A mark and what was decided lie side by side, the mark first.
        if (mark.key === last?.key) {
          last = { ...last, isDecided: isDecided || last.isDecided };
          continue;
        }
        if (last !== undefined) yield last;
        last = { ...mark, isDecided };
      }
      if (last !== undefined) yield last;
    },
    async since({ key }) {
      try {
        return new Date(
          schema.parse(JSON.parse((await readAll(store, key, MAX_MARK_BYTES)).toString())).since,
        );
      } catch (error) {
        if (hasCode(error, 'OBJECT_NOT_FOUND')) return undefined;
        throw error;
      }
    },
    async decide(mark, manifest) {
      const bytes = serializeManifest(manifest);
      for (;;)
        try {
          await store.create(releaseKey(mark), once(bytes));
          // As everybody reads it.
          return parseManifest(bytes);
        } catch (error) {
          if (!hasCode(error, 'OBJECT_EXISTS')) throw error;
          const decided = await readDecided(mark);
          if (decided !== undefined) return decided;
        }
    },
    withdraw: (mark) => store.delete(releaseKey(mark)),
  };
}
