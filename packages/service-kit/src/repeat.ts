import type { Log } from './logger.ts';
import { pause } from './pause.ts';

/** Does the work again and again, `everyMs` after it was done, until the signal aborts. A failure is logged. */
export async function repeat(
  work: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  for (;;) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      log.error({ err: error }, 'periodic work failed; it is tried again');
    }
  }
}
