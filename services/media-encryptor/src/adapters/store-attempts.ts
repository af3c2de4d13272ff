import { hasCode } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { once, readAll } from '@sealtrack/media-store/read-all';
import type { Log } from '@sealtrack/service-kit/logger';
import { z } from 'zod';
import type { Attempt } from '../domain/attempt.ts';
import { ATTEMPTS, attemptKey } from '../domain/layout.ts';
import type { Attempts } from '../ports.ts';

const MAX_MARK_BYTES = 4096;

const schema = z.object({
  id: z.string().regex(/^[0-9a-f]{24}$/),
  startedAt: z.iso.datetime(),
  manifestKey: z.string(),
  ciphertextKey: z.string(),
  ciphertextName: z.string(),
  quarantineKey: z.string().optional(),
});

/** Marks as small objects in the media store itself, so that a recording and its mark share one fate. */
export function createStoreAttempts(store: MediaStore, log: Log): Attempts {
  const live = new Set<string>();

  async function read(key: string): Promise<Attempt | undefined> {
    try {
      return schema.parse(JSON.parse((await readAll(store, key, MAX_MARK_BYTES)).toString()));
    } catch (error) {
      // One bad mark must not keep the others from being healed.
      if (!hasCode(error, 'OBJECT_NOT_FOUND'))
        log.error({ err: error, key }, 'unreadable mark of an attempt');
      return undefined;
    }
  }

  return {
    live(attempt) {
      live.add(attempt.id);
      return { [Symbol.dispose]: () => void live.delete(attempt.id) };
    },
    isLive: (id) => live.has(id),
    async mark(attempt) {
      await store.create(attemptKey(attempt.id), once(Buffer.from(JSON.stringify(attempt))));
    },
    unmark: (attempt) => store.delete(attemptKey(attempt.id)),
    async *list() {
      for await (const key of store.list(`${ATTEMPTS}/`)) {
        const attempt = await read(key);
        if (attempt !== undefined) yield attempt;
      }
    },
  };
}
