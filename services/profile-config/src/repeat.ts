import { setTimeout as delay } from 'node:timers/promises';

/** Does the work now, and again `everyMs` after it was done, until the signal aborts. The work never throws. */
export async function repeat(
  work: (signal: AbortSignal) => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await work(signal);
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
