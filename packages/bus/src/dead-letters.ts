import type { StoredMsg } from '@nats-io/jetstream';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError, isMissing, isStreamMissing } from './bus-errors.ts';
import { type DeadLetter, decodeDeadLetter } from './dead-letter-message.ts';
import { countMessages } from './look-ahead.ts';
import { publishUntilAcked } from './publish-acked.ts';
import { readBackwards } from './read-backwards.ts';
import type { ReadMessage } from './reader.ts';
import { readHeaders } from './stored-message.ts';

/** Each may have 256 KiB. */
const HELD_AT_ONCE = 50;

export interface RetriedDeadLetter {
  /** Where the message was published again. */
  readonly subject: string;
  /** Its new sequence number there. */
  readonly sequence: number;
}

/**
 * Every dead letter that waits, oldest first, as the stream is while it is read. `filter` is a NATS subject over
 * the original subjects, such as `captures.demo.>`. Errors: BUS_UNAVAILABLE.
 */
export async function* listDeadLetters(
  bus: Bus,
  { filter = '>' }: { readonly filter?: string } = {},
): AsyncGenerator<DeadLetter> {
  for (let next = 1; ; ) {
    const found = await read(bus, { seq: next, next_by_subj: SUBJECTS.deadLetter(filter) });
    if (found === undefined) return;
    yield toDeadLetter(found);
    next = found.seq + 1;
  }
}

/**
 * As above, newest first, from those with a smaller number than `before` on: for pages of them. Errors: BUS_UNAVAILABLE, also when the
 * connection is lost in the middle.
 */
export async function* listNewestDeadLetters(
  bus: Bus,
  {
    filter,
    before,
    signal,
  }: { readonly filter: string; readonly before?: number | undefined; readonly signal: AbortSignal },
): AsyncGenerator<DeadLetter> {
  const subject = SUBJECTS.deadLetter(filter);
  const what = { stream: STREAMS.deadLetters, subject, before, atOnce: HELD_AT_ONCE, signal };
  for await (const message of readBackwards(bus, what)) yield readLetter(message);
}

/** How many wait. Errors: BUS_UNAVAILABLE. */
export const countDeadLetters = (bus: Bus, filter: string): Promise<number> =>
  countMessages(bus, STREAMS.deadLetters, SUBJECTS.deadLetter(filter));

/** Undefined when there is no such dead letter, or it was retried. Errors: BUS_UNAVAILABLE. */
export async function readDeadLetter(bus: Bus, sequence: number): Promise<DeadLetter | undefined> {
  const found = await read(bus, { seq: sequence });
  return found && toDeadLetter(found);
}

/**
 * Publishes the original message to its original subject again, then deletes the dead letter. After a crash between
 * the two, doing it again within ten minutes publishes nothing twice.
 * Errors: OBJECT_NOT_FOUND (no such dead letter, or retried already), BUS_UNAVAILABLE.
 */
export async function retryDeadLetter(bus: Bus, sequence: number): Promise<RetriedDeadLetter> {
  const letter = await readDeadLetter(bus, sequence);
  if (letter === undefined) {
    throw new AppError('OBJECT_NOT_FOUND', `There is no dead letter ${sequence}`, {
      fix: 'List the dead letters that wait; this one may have been retried already.',
      details: { dead_letter: String(sequence) },
    });
  }
  try {
    const ack = await publishUntilAcked(bus, {
      subject: letter.subject,
      headers: letter.headers,
      body: letter.body,
      // Under its first id the stream would take it for the duplicate of the message that failed.
      messageId: `retry:${sequence}:${letter.time.getTime()}`,
    });
    await bus.link.manager.streams.deleteMessage(STREAMS.deadLetters, sequence).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    return { subject: letter.subject, sequence: ack.seq };
  } catch (error) {
    throw busError(bus, `Retrying dead letter ${sequence}`, error);
  }
}

async function read(
  bus: Bus,
  query: { readonly seq: number; readonly next_by_subj?: string },
): Promise<StoredMsg | undefined> {
  try {
    return (await bus.link.manager.streams.getMessage(STREAMS.deadLetters, query)) ?? undefined;
  } catch (error) {
    if (isMissing(error) && !isStreamMissing(error)) return undefined;
    throw busError(bus, 'Reading the dead letters', error);
  }
}

const readLetter = ({ sequence, time, subject, body, headers }: ReadMessage): DeadLetter =>
  decodeDeadLetter({ sequence, time, subject, headers: headers(), body });

const toDeadLetter = (stored: StoredMsg): DeadLetter =>
  decodeDeadLetter({
    sequence: stored.seq,
    time: stored.time,
    subject: stored.subject,
    headers: readHeaders(stored.header),
    body: stored.data,
  });
