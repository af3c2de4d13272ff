import type { Kv } from '@sealtrack/bus/kv';
import type { PushedEntries } from '../ports.ts';

/** Of the bucket `profiles`, whatever the values are: a damaged one is rolled out, and refused, as others are. */
export const createKvPushedEntries = (kv: Pick<Kv, 'get'>): PushedEntries => ({
  async revisionOf(key) {
    const entry = await kv.get(key);
    return entry === undefined ? undefined : BigInt(entry.revision);
  },
});
