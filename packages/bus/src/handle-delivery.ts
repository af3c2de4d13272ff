import type { Msg } from '@nats-io/transport-node';
import { AppError, toAppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { type CloudEvent, decodeCloudEvent } from './cloud-event.ts';
import type { ConsumeOptions, HandlerContext } from './consume.ts';
import { encodeDeadLetter, type FailedMessage } from './dead-letter-message.ts';
import { readDeadLetter } from './dead-letters.ts';
import { type Delivery, openDelivery } from './delivery.ts';
import { publishUntilAcked } from './publish-acked.ts';
import { type DeliveryFacts, headersOf } from './stored-message.ts';
import { pause } from './wait.ts';

/**
 * Deliveries beyond `maxDeliver` that are forgiven, for acknowledgements and dead letters that got lost. After them
 * the event is not handled again: most likely it is what ends the process each time.
 */
const FORGIVEN = 3;
const REMEMBERED = 1_000;

/** What one delivery needs: decided once a consumer, called once a message. Never rejects. */
export function createHandling<T>(bus: Bus, options: ConsumeOptions<T>, impatience: AbortSignal) {
  const log = options.log ?? bus.link.log;
  /** Why events failed whose dead letter is not stored yet, by sequence. */
  const failures = new Map<number, AppError>();
  const running = new Set<number>();
  const lastDelivery = options.maxDeliver + FORGIVEN;

  const backoff = (delivery: number): number =>
    options.backoffMs[Math.min(delivery, options.backoffMs.length) - 1] ?? 0;

  const bury = async (
    failed: FailedMessage,
    event: CloudEvent<T> | undefined,
    error: AppError,
  ): Promise<void> => {
    const encoded = encodeDeadLetter(failed, error);
    const ack = await publishUntilAcked(bus, encoded, { timeoutMs: options.deadLetterTimeoutMs ?? 10_000 });
    log.error(
      { err: error, subject: failed.subject, deadLetter: ack.seq, attempts: failed.attempts },
      'Given up: the event waits as a dead letter',
    );
    if (options.onDeadLetter === undefined) return;
    try {
      // Read back, so that announcing it again tells the same time and the same text.
      const letter = await readDeadLetter(bus, ack.seq);
      if (letter !== undefined) await options.onDeadLetter(letter, event);
    } catch (cause) {
      // The letter itself is safe, so its announcement does not hold the event back for ever.
      if (failed.attempts < lastDelivery) throw cause;
      log.error({ err: cause, deadLetter: ack.seq }, 'The dead letter could not be announced');
    }
  };

  /** The error to give the event up with, or undefined when it shall be tried again. */
  const verdict = (error: AppError, delivery: number): AppError | undefined => {
    if (error.code === 'SHUTTING_DOWN' || error.eventVerdict === 'wait' || impatience.aborted)
      return undefined;
    return error.eventVerdict === 'dead-letter' || delivery >= options.maxDeliver ? error : undefined;
  };

  /**
   * While something that the handler needs is away, the event stays in this process's hands. Given back it would use up
   * its deliveries, and an outage would make dead letters of everything that waits.
   */
  const handleWhenPossible = async (event: CloudEvent<T>, subject: string, context: HandlerContext) => {
    for (let failed = 1; ; failed++) {
      try {
        return await options.handle(event, context);
      } catch (err) {
        if (toAppError(err).eventVerdict !== 'wait' || options.signal.aborted) throw err;
        const delayMs = backoff(failed);
        log.warn({ err, subject, delayMs }, 'Held: something that the event needs is away');
        if (!(await pause(delayMs, options.signal))) throw err;
      }
    }
  };

  const attempt = async (message: Msg, facts: DeliveryFacts, delivery: Delivery): Promise<void> => {
    const headers = headersOf(message);
    let event: CloudEvent<T> | undefined;
    let failure: AppError | undefined;
    try {
      event = decodeCloudEvent(
        { subject: message.subject, headers, body: message.data, received: facts.time },
        options.kind,
      );
      if (facts.delivery > lastDelivery) throw failures.get(facts.sequence) ?? neverFinished(facts.delivery);
      await handleWhenPossible(event, message.subject, {
        signal: impatience,
        ...{ delivery: facts.delivery, sequence: facts.sequence, stored: facts.time },
        extend: delivery.working,
      });
    } catch (error) {
      failure = toAppError(error);
    }
    if (failure !== undefined) {
      const final = verdict(failure, facts.delivery);
      if (final === undefined) throw failure;
      remember(failures, facts.sequence, final);
      const failed = {
        ...facts,
        stream: options.stream,
        subject: message.subject,
        headers,
        body: message.data,
      };
      await bury({ ...failed, attempts: facts.delivery }, event, final);
    }
    failures.delete(facts.sequence);
    if (!(await delivery.acknowledge())) {
      log.warn(
        { subject: message.subject, sequence: facts.sequence },
        'Not confirmed: the event will come again',
      );
    }
  };

  return async (message: Msg, facts: DeliveryFacts): Promise<void> => {
    const delivery = openDelivery(bus, message);
    if (options.signal.aborted) {
      delivery.giveBack(0);
      return;
    }
    // Delivered again after an outage longer than its ack wait: the handler that runs settles this delivery too.
    if (running.has(facts.sequence)) return;
    running.add(facts.sequence);
    const heartbeat = setInterval(delivery.working, Math.max(50, options.ackWaitMs / 3));
    try {
      await attempt(message, facts, delivery);
    } catch (err) {
      const delayMs = options.signal.aborted ? 0 : backoff(facts.delivery);
      log.warn(
        { err, subject: message.subject, delivery: facts.delivery, delayMs },
        'Failed: trying the event again',
      );
      delivery.giveBack(delayMs);
    } finally {
      clearInterval(heartbeat);
      running.delete(facts.sequence);
    }
  };
}

function remember(failures: Map<number, AppError>, sequence: number, error: AppError): void {
  failures.set(sequence, error);
  const [oldest] = failures.keys();
  if (failures.size > REMEMBERED && oldest !== undefined) failures.delete(oldest);
}

const neverFinished = (deliveries: number): AppError =>
  new AppError('INTERNAL', `Delivered ${deliveries} times, and no attempt came to its end`, {
    fix: "Look at the consuming service's log for why it ended each time; then retry the dead letter.",
  });
