import type { Msg } from '@nats-io/transport-node';
import type { EventKind } from '@sealtrack/contracts/event-kinds';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus, BusLog } from './bus.ts';
import { busError } from './bus-errors.ts';
import type { CloudEvent } from './cloud-event.ts';
import { ensureConsumer } from './consumer.ts';
import type { DeadLetter } from './dead-letter-message.ts';
import { createHandling } from './handle-delivery.ts';
import { openPull, type Pull } from './pull.ts';
import type { DeliveryFacts } from './stored-message.ts';
import { pause, untilConnected } from './wait.ts';

export interface HandlerContext {
  /** Aborts when the shutdown's patience is over: stop, throw, and the event is delivered again elsewhere. */
  readonly signal: AbortSignal;
  /** 1 on the first delivery. */
  readonly delivery: number;
  /** Its place in the stream, and when the stream stored it: the same on each delivery, and no other event's. */
  readonly sequence: number;
  readonly stored: Date;
  /** Gives the event another `ackWaitMs`. Done by itself while a handler runs; of use before blocking the thread. */
  extend(): void;
}

export interface ConsumeOptions<T> {
  readonly stream: string;
  /** Shared by every process that consumes under this name: each event goes to one of them. */
  readonly durable: string;
  readonly filter: string;
  readonly kind: EventKind<T>;
  /** Handlers at a time in this process. */
  readonly concurrency: number;
  /** A handler that fails on this delivery, or a later one, makes a dead letter. */
  readonly maxDeliver: number;
  /** Before delivery 2, 3, …; the last one repeats. */
  readonly backoffMs: readonly number[];
  /** How long after a crash of this process its events go to another. */
  readonly ackWaitMs: number;
  /**
   * Resolve when what the event asks for is durable: it is acknowledged then. Must be idempotent: an event is
   * handled again when its acknowledgement got lost. An AppError with the verdict `dead-letter` is not retried.
   */
  readonly handle: (event: CloudEvent<T>, context: HandlerContext) => Promise<void>;
  /**
   * Called when the dead letter is stored and before the event is acknowledged, at least once. `event` is
   * undefined when it could not be read.
   */
  readonly onDeadLetter?: (letter: DeadLetter, event: CloudEvent<T> | undefined) => Promise<void>;
  /** What handlers get to finish in after the signal aborted, in milliseconds. 20 s unless told. */
  readonly drainMs?: number;
  /** For storing a dead letter, before the event is given back to try that again. 10 s unless told. */
  readonly deadLetterTimeoutMs?: number;
  readonly signal: AbortSignal;
  readonly log?: BusLog;
}

/** After the broker withdrew the consumer: long enough not to spin, short enough not to be noticed. */
const BEFORE_RETURN_MS = 200;

/**
 * Consumes until the signal aborts, then resolves when the handlers in flight have finished: no event is left
 * half-handled in this process. Goes on through broker restarts. An event leaves the stream only when its handler
 * resolved or its dead letter is stored. Errors: CONFIG_INVALID at once; BUS_UNAVAILABLE when the bus is disposed.
 */
export async function consumeEvents<T>(bus: Bus, options: ConsumeOptions<T>): Promise<void> {
  const { concurrency, signal, log = bus.link.log } = options;
  const impatience = new AbortController();
  const handling = createHandling(bus, options, impatience.signal);
  const inFlight = new Set<Promise<void>>();

  let pull: Pull | undefined;
  const fill = (): void => {
    if (pull === undefined || signal.aborted) return;
    pull.request(concurrency - inFlight.size - pull.outstanding());
  };
  const onMessage = (message: Msg, facts: DeliveryFacts): void => {
    const task = handling(message, facts).finally(() => {
      inFlight.delete(task);
      fill();
    });
    inFlight.add(task);
  };
  const consumeUntilLost = async (): Promise<void> => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const onLost = (why: string): void => {
      log.warn({ consumer: options.durable, why }, 'Consuming again shortly');
      end();
    };
    const { stream, durable: consumer } = options;
    const current = openPull(bus, { stream, consumer, onMessage, onExpired: fill, onLost });
    const onAbort = () => void current.drain().then(end);
    signal.addEventListener('abort', onAbort);
    pull = current;
    if (signal.aborted) onAbort();
    else fill();
    await over;
    signal.removeEventListener('abort', onAbort);
  };

  while (!signal.aborted && (await ensureConsumer(bus, options, signal))) {
    await consumeUntilLost();
    if (bus.link.connection.isClosed()) break;
    await pause(BEFORE_RETURN_MS, signal);
    while (!signal.aborted && !(await untilConnected(bus, 1_000, signal)));
  }
  const timer = setTimeout(() => impatience.abort(shuttingDown()), options.drainMs ?? 20_000);
  await Promise.all(inFlight);
  clearTimeout(timer);
  if (!signal.aborted) throw busError(bus, `Consuming from ${options.stream}`, undefined);
}

const shuttingDown = (): AppError =>
  new AppError('SHUTTING_DOWN', 'The service stopped before the event was handled', {
    fix: 'Nothing is needed: the event is delivered again.',
  });
