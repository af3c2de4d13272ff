import { STREAMS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { openReaderWhenPossible, ReaderLost, type ReaderOptions, type ReadMessage } from './reader.ts';

export interface TailedEvent {
  readonly subject: string;
  readonly sequence: number;
  readonly time: Date;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TailOptions {
  /** Within one stream: under `events.`, `audit.` or `dead-letters.`. */
  readonly subject: string;
  readonly from: 'new' | 'start';
  readonly signal: AbortSignal;
}

export interface Tail extends AsyncIterable<TailedEvent> {
  /** Resolves when the tail is in place: what is published after it is seen, whenever it is iterated. */
  readonly ready: Promise<void>;
}

const WINDOW = 64;
const STREAM_OF: Readonly<Record<string, string>> = {
  events: STREAMS.events,
  audit: STREAMS.audit,
  'dead-letters': STREAMS.deadLetters,
};

/** Every event of the subject once and in order, through broker restarts. Errors: INVALID_ARGUMENT at once. */
export function tailEvents(bus: Bus, { subject, from, signal }: TailOptions): Tail {
  const stream = STREAM_OF[subject.split('.')[0] ?? ''];
  if (stream === undefined) {
    throw new AppError('INVALID_ARGUMENT', `The subject ${subject} cannot be followed`, {
      fix: 'Give one that starts with events., audit. or dead-letters., such as "events.>".',
    });
  }
  const open = (start: ReaderOptions['start']) =>
    openReaderWhenPossible(bus, { stream, filter: subject, start, window: WINDOW, signal });
  const first = open(from === 'new' ? 'new' : 'first');

  async function* events(): AsyncGenerator<TailedEvent> {
    let opening = first;
    for (let next = 0; ; ) {
      try {
        using reader = await opening;
        // Nothing seen yet and the connection lost: what comes after this point is what is new.
        next ||= reader?.startsAt ?? 0;
        for (;;) {
          const message = await reader?.next();
          if (message === undefined) return;
          yield toEvent(message);
          next = message.sequence + 1;
        }
      } catch (error) {
        if (!(error instanceof ReaderLost) || bus.link.connection.isClosed()) {
          throw busError(bus, `Following ${subject}`, error);
        }
        opening = open({ sequence: Math.max(next, 1) });
      }
    }
  }
  const ready = first.then(() => {});
  // Who never waits for it learns of its failure when iterating.
  ready.catch(() => {});
  return { ready, [Symbol.asyncIterator]: events };
}

const toEvent = (message: ReadMessage): TailedEvent => ({
  subject: message.subject,
  sequence: message.sequence,
  time: message.time,
  headers: message.headers(),
  body: new TextDecoder().decode(message.body),
});
