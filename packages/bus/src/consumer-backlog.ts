import type { Bus } from './bus.ts';
import { busError, isMissing } from './bus-errors.ts';

/**
 * Messages that wait for a consumer, or are in the hands of one; undefined where there is none of the name yet. Errors: BUS_UNAVAILABLE.
 */
export async function consumerBacklog(
  bus: Bus,
  stream: string,
  durable: string,
): Promise<number | undefined> {
  try {
    const info = await bus.link.manager.consumers.info(stream, durable);
    return info.num_pending + info.num_ack_pending;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw busError(bus, `Asking for the state of ${durable}`, error);
  }
}
