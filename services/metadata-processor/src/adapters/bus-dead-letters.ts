import type { Bus } from '@sealtrack/bus/bus';
import { keptDeadLetters } from '@sealtrack/bus/kept-dead-letters';
import type { Log } from '@sealtrack/service-kit/logger';
import type { DeadLetters } from '../ports.ts';

/** Many ask at once, and what was there a second ago is as good. */
const FRESH_MS = 1_000;

/** Of the dead-letter stream. */
export function createBusDeadLetters(bus: Bus, log: Log): DeadLetters {
  let read: { readonly at: number; readonly answer: ReturnType<DeadLetters['waiting']> } | undefined;
  const ask = async () => {
    try {
      return await keptDeadLetters(bus);
    } catch (err) {
      log.warn(
        { err },
        'it is not known which dead letters there are: all captures that failed are taken to wait',
      );
      return undefined;
    }
  };
  return {
    waiting: () => {
      const now = performance.now();
      if (read === undefined || now - read.at > FRESH_MS) read = { at: now, answer: ask() };
      return read.answer;
    },
  };
}
