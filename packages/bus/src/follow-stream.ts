import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { lookAhead } from './look-ahead.ts';
import { openReader, openReaderWhenPossible, type Reader, ReaderLost, type ReadMessage } from './reader.ts';

export interface FollowOptions {
  readonly stream: string;
  readonly subject: string;
  /** After an outage, what came meanwhile is caught up with when it is no more than this. */
  readonly mostBehind: number;
  readonly signal: AbortSignal;
  readonly onMessages: (messages: readonly ReadMessage[]) => void;
  /** It is in place; and what came before this may have been missed when it says so. */
  readonly onInPlace: (hasMissed: boolean) => void;
}

const WINDOW = 512;

/**
 * What a stream gets from now on, as it comes, for those who want the newest rather than all: through reconnects and restarts of the
 * broker, without gaps but for those that it tells of. Ends when the signal aborts. Errors: BUS_UNAVAILABLE when the bus is disposed.
 */
export async function followStream(bus: Bus, options: FollowOptions): Promise<void> {
  const { stream, subject, signal, onMessages, onInPlace } = options;
  const what = { stream, filter: subject, window: WINDOW, signal };
  for (let next: number | undefined; !signal.aborted; ) {
    try {
      const resumed = next === undefined ? undefined : await resume(bus, options, next);
      using reader = resumed ?? (await openReaderWhenPossible(bus, { ...what, start: 'new' }));
      if (reader === undefined) return;
      onInPlace(resumed === undefined);
      next ??= reader.startsAt;
      if (resumed === undefined) next = reader.startsAt;
      for (;;) {
        const messages = await reader.nextAll();
        if (messages === undefined) return;
        next = (messages.at(-1)?.sequence ?? next - 1) + 1;
        onMessages(messages);
      }
    } catch (error) {
      if (!(error instanceof ReaderLost) || bus.link.connection.isClosed())
        throw busError(bus, `Following ${subject}`, error);
    }
  }
}

/** From where it was; undefined when that is too far back, or the stream is another one than it was. */
async function resume(bus: Bus, options: FollowOptions, next: number): Promise<Reader | undefined> {
  const { stream, subject, mostBehind, signal } = options;
  const what = { stream, filter: subject, window: WINDOW, signal };
  // It waits until there is a stream to read, however long the broker is away.
  using probe = await openReaderWhenPossible(bus, { ...what, start: 'new', window: 0 });
  if (probe === undefined || probe.startsAt < next) return undefined;
  const { pending } = await lookAhead(bus, options, { sequence: next }).catch(lost);
  return pending > mostBehind
    ? undefined
    : await openReader(bus, { ...what, start: { sequence: next } }).catch(lost);
}

/** The broker went away again: from the beginning. */
const lost = (cause: unknown): never => {
  throw new ReaderLost('the broker did not answer', { cause });
};
