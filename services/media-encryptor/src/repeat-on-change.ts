import type { Log } from '@sealtrack/service-kit/logger';
import { pause } from '@sealtrack/service-kit/pause';
import { createSleeper } from './sleeper.ts';

/** soon: it could not be ended, since somebody was away. */
export type Again = 'later' | 'soon';

export interface RepeatOnChange {
  /** At the latest so long after it was done. */
  readonly everyMs: number;
  /** The same after work that is to be done again soon. */
  readonly soonMs: number;
  /** Never sooner, however many changes there are: the work is then done once for all of them. */
  readonly pauseMs: number;
  /** Calls `changed` whenever the work may have something to do. */
  readonly onChange: (changed: () => void) => void;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Does the work at once, and again after each change, one after the other, until the signal aborts. A failure is logged. */
export async function repeatOnChange(
  work: () => Promise<Again>,
  { everyMs, soonMs, pauseMs, onChange, signal, log }: RepeatOnChange,
): Promise<void> {
  const sleeper = createSleeper();
  // A change while the work is being done may be too late for it, and ends the next sleep.
  onChange(sleeper.wake);
  while (!signal.aborted) {
    let again: Again = 'soon';
    try {
      again = await work();
    } catch (error) {
      log.error({ err: error }, 'periodic work failed; it is tried again');
    }
    await pause(pauseMs, signal);
    await sleeper.sleep((again === 'soon' ? soonMs : everyMs) - pauseMs, signal);
  }
}
