import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@sealtrack/service-kit/logger';

/** Does the work again and again, `everyMs` after it was done, until the signal aborts. A failure is logged. */
export async function repeat(
  work: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  while (await elapsed(everyMs, signal)) {
    try {
      await work();
    } catch (error) {
      log.error({ err: error }, 'periodic work failed; it is tried again');
    }
  }
}

async function elapsed(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal, ref: false });
    return true;
  } catch {
    return false;
  }
}
