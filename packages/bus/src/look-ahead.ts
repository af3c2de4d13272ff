import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { openReader, type ReaderOptions } from './reader.ts';

export interface Ahead {
  /** Messages of the subject from there on. */
  readonly pending: number;
  /** The number of the first message of the stream, of whatever subject, that is not before it; one more than the last where there is none. */
  readonly startsAt: number;
}

/** What of a subject lies ahead of a place in a stream, without reading any of it. Errors: those of the broker. */
export async function lookAhead(
  bus: Bus,
  { stream, subject }: { readonly stream: string; readonly subject: string },
  start: ReaderOptions['start'],
): Promise<Ahead> {
  using reader = await openReader(bus, { stream, filter: subject, start, window: 0 });
  return { pending: reader.pendingAtStart, startsAt: reader.startsAt };
}

/** How many messages a stream has of a subject. Errors: BUS_UNAVAILABLE. */
export async function countMessages(bus: Bus, stream: string, subject: string): Promise<number> {
  try {
    return (await lookAhead(bus, { stream, subject }, 'first')).pending;
  } catch (error) {
    throw busError(bus, `Counting what ${stream} has`, error);
  }
}
