import type { Bus } from './bus.ts';
import { isForbidden } from './bus-errors.ts';
import { pause, untilConnected } from './wait.ts';

const BETWEEN_MS = 1_000;

/**
 * True as soon as there is a stream of that name, which another process makes when it will; false when the signal aborted. It says
 * nothing meanwhile: there may be good reason for there being none.
 */
export async function untilStream(
  bus: Bus,
  name: string,
  signal: AbortSignal,
  betweenMs = BETWEEN_MS,
): Promise<boolean> {
  while (!signal.aborted && !bus.link.connection.isClosed()) {
    try {
      await bus.link.manager.streams.info(name);
      return true;
    } catch (error) {
      // Whether it is there is nobody else's to say: who consumes from it tries for as long, and says why not.
      if (isForbidden(error)) return true;
    }
    await pause(betweenMs, signal);
    await untilConnected(bus, betweenMs, signal);
  }
  return false;
}
