import type { TenantId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import type { CountedSets } from './ports.ts';

export interface CountOlder {
  /** Counts those of one tenant, unless that is being done; resolves when it has, or cannot. Never rejects. */
  of(tenantId: TenantId): Promise<void>;
  /** Counts those of every tenant; resolves when it has, or cannot. Never rejects. */
  ofAll(): Promise<void>;
  /** Resolves when nothing is being counted any more. */
  ended(): Promise<void>;
}

const WHY = 'an older version adds them, or the index was changed by hand; docs/operations.md has what to do';
const PHRASES = {
  certificates: {
    left: `recordings are left that were not counted: ${WHY}`,
    done: 'counted recordings of an older version',
    failed: 'could not count recordings of an older version',
  },
  search: {
    left: `recordings are left that are not in the sets for searches, which take longer meanwhile: ${WHY}`,
    done: 'recordings of an older version are in the sets for searches now',
    failed: 'could not put recordings of an older version into the sets for searches',
  },
} as const;

/**
 * Counts, by certificate or by what they are searched by, the recordings that an older version put into the index: at the start,
 * and when somebody asks for what cannot be told by them yet. What it has counted stays so whenever it is killed, and it goes on
 * from there. Any number of processors may do it at once.
 */
export function createCountOlder(
  index: CountedSets,
  log: Log,
  signal: AbortSignal,
  by: keyof typeof PHRASES = 'certificates',
): CountOlder {
  const phrases = PHRASES[by];
  const running = new Map<TenantId, Promise<void>>();

  const pass = async (tenantId: TenantId): Promise<void> => {
    let counted = 0;
    while (!signal.aborted) {
      const more = await index.countOlder(tenantId);
      if (more === undefined) break;
      counted += more;
    }
    const left = signal.aborted ? 0 : await index.uncounted(tenantId);
    if (left !== 0) log.warn({ tenantId, counted, left }, phrases.left);
    else if (counted > 0) log.info({ tenantId, counted }, phrases.done);
  };
  const of = (tenantId: TenantId): Promise<void> => {
    const there = running.get(tenantId);
    if (there !== undefined) return there;
    const run = pass(tenantId)
      .catch((err) => log.error({ err, tenantId }, phrases.failed))
      .finally(() => running.delete(tenantId));
    running.set(tenantId, run);
    return run;
  };

  return {
    of,
    ofAll: async () => {
      try {
        for await (const tenantId of index.tenants()) {
          if (signal.aborted) return;
          await of(tenantId);
        }
      } catch (err) {
        log.error({ err }, 'could not look for recordings of an older version');
      }
    },
    ended: async () => {
      await Promise.all(running.values());
    },
  };
}
