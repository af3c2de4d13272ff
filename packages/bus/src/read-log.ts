import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { openReader, openReaderWhenPossible, type Reader, ReaderLost, type ReadMessage } from './reader.ts';

export interface LogOptions {
  readonly stream: string;
  readonly subject: string;
  /** What the stream got from then on; everything unless told. */
  readonly since?: Date | undefined;
  readonly signal: AbortSignal;
}

const WINDOW = 1_024;
/** Old messages may fall out while they are read: after this long without one it is asked again what there is. */
const SILENCE_MS = 10_000;

/**
 * The messages of the subject that are there when it begins, once each and in order, through reconnects; then it ends. Messages that
 * come meanwhile may be among them. Errors: BUS_UNAVAILABLE.
 */
export async function* readLog(bus: Bus, options: LogOptions): AsyncGenerator<ReadMessage> {
  const { stream, subject, since, signal } = options;
  const what = { stream, filter: subject, window: WINDOW, signal };
  let reader: Reader | undefined;
  try {
    reader = await openReader(bus, { ...what, start: since === undefined ? 'first' : { time: since } });
    let left = reader.pendingAtStart;
    for (let next = reader.startsAt; left > 0 && !signal.aborted; ) {
      const messages = await reader?.nextAll(SILENCE_MS).catch(unlessClosed(bus));
      for (const message of messages ?? []) {
        yield message;
        next = message.sequence + 1;
        left = Math.min(left - 1, message.pending);
        if (left === 0) return;
      }
      if (messages === undefined || messages.length > 0) continue;
      reader?.[Symbol.dispose]();
      reader = await openReaderWhenPossible(bus, { ...what, start: { sequence: next } });
      left = Math.min(left, reader?.pendingAtStart ?? 0);
    }
  } catch (error) {
    throw busError(bus, `Reading ${stream}`, error);
  } finally {
    reader?.[Symbol.dispose]();
  }
}

/** Nothing came, then: another reader takes over. */
const unlessClosed = (bus: Bus) => (error: unknown) => {
  if (error instanceof ReaderLost && !bus.link.connection.isClosed()) return [];
  throw error;
};
