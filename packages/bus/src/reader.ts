import { AckPolicy, type ConsumerConfig, DeliverPolicy } from '@nats-io/jetstream';
import { nanos, nuid } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';
import { openPull } from './pull.ts';
import { readHeaders, repeatedHeaders } from './stored-message.ts';
import { pause, untilConnected } from './wait.ts';

export interface ReadMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly time: Date;
  readonly body: Uint8Array;
  /** Messages after this one when it was sent; 0 on the newest. */
  readonly pending: number;
  headers(): Record<string, string>;
  /** Of a repeated header all values, each on a line of its own. */
  repeatedHeaders(): Record<string, string>;
}

export interface ReaderOptions {
  readonly stream: string;
  readonly filter: string;
  readonly start: 'first' | 'new' | { readonly sequence: number } | { readonly time: Date };
  /** Messages held here at most: the whole memory of a reader whose user is slow. */
  readonly window: number;
  /** Ends, with ReaderLost, when there is nothing more at the moment, instead of waiting for it. */
  readonly finite?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Messages of a stream in order, without acknowledgement and without gaps. */
export interface Reader extends Disposable {
  readonly pendingAtStart: number;
  /** The first sequence number it may deliver. */
  readonly startsAt: number;
  /** Undefined when the signal aborted. Throws ReaderLost when another reader must take over. */
  next(): Promise<ReadMessage | undefined>;
  /** As `next`, with everything that has come by then: at least one, or none when nothing came for `withinMs`. */
  nextAll(withinMs?: number): Promise<ReadMessage[] | undefined>;
}

export class ReaderLost extends Error {}

/** The broker removes the consumer of a reader that is gone, or asleep, after this long. */
const FORGOTTEN_AFTER_MS = 5 * 60_000;

export async function openReader(bus: Bus, options: ReaderOptions): Promise<Reader> {
  const { consumers } = bus.link.manager;
  const name = `reader_${nuid.next()}`;
  const info = await consumers.add(options.stream, {
    ...startAt(options.start),
    name,
    filter_subject: options.filter,
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
    mem_storage: true,
    num_replicas: 1,
  });
  const queue: ReadMessage[] = [];
  let delivered = 0;
  let lost: string | undefined;
  let wake: (() => void) | undefined;
  const lose = (why: string): void => {
    lost ??= why;
    wake?.();
  };
  const ask = (): void => {
    const held = queue.length + pull.outstanding();
    if (lost === undefined && held <= options.window / 2) pull.request(options.window - held);
  };
  const pull = openPull(bus, {
    stream: options.stream,
    consumer: name,
    onMessage: (message, facts) => {
      if (lost !== undefined) return;
      delivered += 1;
      if (facts.consumerSequence !== delivered) {
        lose('a message got lost on its way');
        return;
      }
      queue.push({
        ...facts,
        subject: message.subject,
        body: message.data,
        headers: () => readHeaders(message.headers),
        repeatedHeaders: () => repeatedHeaders(message),
      });
      wake?.();
    },
    onExpired: () => (options.finite === true ? lose('nothing more came') : ask()),
    onLost: lose,
  });
  const take = async (count: number, withinMs?: number): Promise<ReadMessage[] | undefined> => {
    const until = withinMs === undefined ? undefined : performance.now() + withinMs;
    for (;;) {
      if (options.signal?.aborted) return undefined;
      if (queue.length > 0) {
        const taken = queue.splice(0, count);
        ask();
        return taken;
      }
      if (lost !== undefined) throw new ReaderLost(lost);
      const left = until === undefined ? undefined : until - performance.now();
      if (left !== undefined && left <= 0) return [];
      await new Promise<void>((resolve) => {
        const timer = left === undefined ? undefined : setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const onAbort = (): void => wake?.();
  options.signal?.addEventListener('abort', onAbort);
  ask();
  return {
    pendingAtStart: info.num_pending,
    startsAt: info.delivered.stream_seq + 1,
    next: async () => (await take(1))?.[0],
    nextAll: (withinMs) => take(Number.POSITIVE_INFINITY, withinMs),
    [Symbol.dispose]: () => {
      options.signal?.removeEventListener('abort', onAbort);
      lose('closed');
      pull.close();
      if (bus.connected()) consumers.delete(options.stream, name).catch(() => {});
    },
  };
}

function startAt(start: ReaderOptions['start']): Partial<ConsumerConfig> {
  if (start === 'first') return { deliver_policy: DeliverPolicy.All };
  if (start === 'new') return { deliver_policy: DeliverPolicy.New };
  if ('time' in start)
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.time.toISOString() };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.sequence };
}

/** A reader as soon as the bus and the stream are there; undefined when the signal aborted before. */
export async function openReaderWhenPossible(bus: Bus, options: ReaderOptions): Promise<Reader | undefined> {
  const { signal } = options;
  for (let pauseMs = 100; !signal?.aborted; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    if (await untilConnected(bus, pauseMs, signal)) {
      try {
        return await openReader(bus, options);
      } catch (err) {
        if (bus.link.connection.isClosed()) throw err;
        bus.link.log.warn({ err, stream: options.stream }, 'The stream cannot be read yet');
      }
      await pause(pauseMs, signal);
    } else if (bus.link.connection.isClosed()) {
      throw new ReaderLost('the connection was closed');
    }
  }
  return undefined;
}
