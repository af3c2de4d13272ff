import { STREAMS } from '@sealtrack/contracts/subjects';
import type { Bus } from './bus.ts';
import { busError, isStreamMissing } from './bus-errors.ts';
import { within } from './wait.ts';

const ANSWER_MS = 2_000;

/**
 * Which dead letters are in the stream now, by their sequence numbers. One that came since is taken to be there. It reads no dead letter,
 * so that it may be asked by who may not. Errors: BUS_UNAVAILABLE, within two seconds.
 */
export async function keptDeadLetters(bus: Bus): Promise<(sequence: number) => boolean> {
  try {
    const { state } = await within(
      ANSWER_MS,
      bus.link.manager.streams.info(STREAMS.deadLetters, { deleted_details: true }),
    );
    const deleted = new Set(state.deleted ?? []);
    const { first_seq: first, last_seq: last } = state;
    return (sequence) => sequence > last || (sequence >= first && !deleted.has(sequence));
  } catch (error) {
    if (isStreamMissing(error)) return () => true;
    throw busError(bus, 'Looking which dead letters there are', error);
  }
}
