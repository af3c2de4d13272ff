import { AckPolicy, type ConsumerConfig, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError, isFinal, isMissing, isStreamMissing } from './bus-errors.ts';
import { pause, untilConnected } from './wait.ts';

export interface ConsumerOptions {
  readonly stream: string;
  /** Shared by every process that consumes under this name: each message goes to one of them. */
  readonly durable: string;
  readonly filter: string;
  readonly ackWaitMs: number;
}

const NAME_IN_USE: ReadonlySet<number> = new Set([10_013, 10_105, 10_148]);
const MAX_PAUSE_MS = 5_000;

/**
 * Makes the durable consumer or brings it up to date, trying until it exists or the signal aborts (false then).
 * Throws CONFIG_INVALID for what no trying changes, such as a filter that overlaps another's on a work queue.
 */
export async function ensureConsumer(
  bus: Bus,
  options: ConsumerOptions,
  signal: AbortSignal,
): Promise<boolean> {
  for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    try {
      await tryEnsureConsumer(bus, options);
      return true;
    } catch (error) {
      if (bus.link.connection.isClosed()) throw busError(bus, `Consuming from ${options.stream}`, error);
      const raced = error instanceof JetStreamApiError && NAME_IN_USE.has(error.code);
      // A stream can be missing for a moment, after a broker came back without its data.
      if (isFinal(error) && !raced && !isMissing(error)) throw refused(options, error);
      bus.link.log.warn({ err: error, consumer: options.durable }, 'The consumer cannot be made yet');
    }
    await pause(pauseMs, signal);
    await untilConnected(bus, MAX_PAUSE_MS, signal);
  }
  return false;
}

async function tryEnsureConsumer(bus: Bus, options: ConsumerOptions): Promise<void> {
  const { consumers } = bus.link.manager;
  const changeable = {
    ack_wait: nanos(options.ackWaitMs),
    filter_subject: options.filter,
    // Counting deliveries is done here. The broker at its own limit would silently never deliver again.
    max_deliver: -1,
  } satisfies Partial<ConsumerConfig>;
  const found = await consumers.info(options.stream, options.durable).catch((error: unknown) => {
    if (isMissing(error) && !isStreamMissing(error)) return undefined;
    throw error;
  });
  if (found === undefined) {
    await consumers.add(options.stream, {
      ...changeable,
      durable_name: options.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    });
    return;
  }
  const { config } = found;
  const same =
    config.ack_wait === changeable.ack_wait &&
    config.filter_subject === changeable.filter_subject &&
    config.max_deliver === changeable.max_deliver;
  if (!same) await consumers.update(options.stream, options.durable, changeable);
}

const refused = (options: ConsumerOptions, cause: unknown): AppError =>
  new AppError(
    'CONFIG_INVALID',
    `The consumer ${options.durable} of ${options.stream} is refused by the broker`,
    {
      fix: 'See the cause in the log: on a work queue no two consumers may have overlapping filters.',
      details: { stream: options.stream, consumer: options.durable, filter: options.filter },
      cause,
    },
  );
