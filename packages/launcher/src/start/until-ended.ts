import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '../system.ts';

const LOOK_EVERY_MS = 500;

export interface Ended {
  readonly name: string;
  readonly logFile: string;
}

/** Resolves when NATS or Redis has ended by itself, or, to undefined, when the signal is aborted. */
export async function untilServerEnds(
  { nats, redis }: Pick<System, 'nats' | 'redis'>,
  dir: string,
  signal: AbortSignal,
): Promise<Ended | undefined> {
  // One that somebody else runs has no process id, and is theirs to watch.
  const servers = Object.entries({ nats, redis }).filter(([, server]) => server.pid !== undefined);
  while (!signal.aborted) {
    for (const [name, server] of servers)
      if (server.pid === undefined) return { name, logFile: join(dir, name, `${name}.log`) };
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}
