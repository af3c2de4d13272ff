import type { Kv } from '@sealtrack/bus/kv';
import { hasCode } from '@sealtrack/errors/app-error';
import type { Notices } from '../ports.ts';

/** `kv` says OBJECT_EXISTS. */
export function createKvNotices(kv: Pick<Kv, 'create' | 'get'>): Notices {
  return {
    has: async (name) => (await kv.get(name)) !== undefined,
    async keep(name) {
      try {
        await kv.create(name, new Uint8Array());
      } catch (error) {
        // Another process said the same at the same time.
        if (!hasCode(error, 'OBJECT_EXISTS')) throw error;
      }
    },
  };
}
