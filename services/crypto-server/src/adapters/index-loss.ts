import { AppError } from '@sealtrack/errors/app-error';
import type { RedisConnection } from '@sealtrack/redis/connect';
import { orUnavailable } from '@sealtrack/sealed-store/or-unavailable';
import { type DurableOptions, writeDurably } from '@sealtrack/sealed-store/write-durably';
import type { RecordingCounter } from '../ports.ts';

/** `_` is no tenant's name. */
const LOST = 'st:{_}:recordings-lost';

/**
 * Redis has the index of recordings beside the keys: where it lost those, it lost that, and what it counts afterwards are
 * only the recordings since. Noted when a keyring is put back, until people take the note away.
 */
export function createIndexLoss({ client }: RedisConnection, options: DurableOptions) {
  return {
    note: (at: Date): Promise<void> =>
      orUnavailable(async () => {
        await writeDurably(client, options, (pipeline) => pipeline.set(LOST, at.toISOString(), 'NX'));
      }),
    /** A counter that says nothing rather than too little. @throws AppError INDEX_UNAVAILABLE. */
    guard: ({ count }: RecordingCounter): RecordingCounter => ({
      async count(tenantId, certificateId) {
        const since = await orUnavailable(() => client.get(LOST));
        if (since !== null) throw incomplete(since);
        return await count(tenantId, certificateId);
      },
    }),
  };
}

const incomplete = (since: string) =>
  new AppError(
    'INDEX_UNAVAILABLE',
    `Redis lost its data (the keys were restored at ${since}), so the index does not know every recording`,
    {
      fix: `Keep the certificate: it can stay unassigned. When the index is known to be whole again, take the note away: redis-cli DEL ${LOST}.`,
      details: { since },
    },
  );
