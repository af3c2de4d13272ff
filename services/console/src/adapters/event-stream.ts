import type { FastifyReply } from 'fastify';
import type { EventSink } from '../event-sink.ts';
import type { Asked } from './handler.ts';

export interface EventStream<Message> extends EventSink<Message> {
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
}

/** What is in between may take a connection on which nothing is said for one that is forgotten. */
const HEARTBEAT_MS = 15_000;
/** A browser that takes nothing for so long is gone, or asleep; it comes again. */
const SILENCE_MS = 60_000;
const RETRY_MS = 2_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // What stands between must neither keep it, nor pack it, nor hold it back.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const;

/**
 * Begins an answer of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). It ends when the signal aborts,
 * when the browser goes away, and when it takes nothing for a minute.
 */
export function openEventStream<Message>({ signal }: Asked, reply: FastifyReply): EventStream<Message> {
  reply.hijack();
  const { raw } = reply;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let blockedSince: number | undefined;
  const write = (text: string): void => {
    if (raw.writableEnded || raw.destroyed || raw.write(text)) return;
    blockedSince ??= performance.now();
  };
  const end = (): void => {
    if (blockedSince === undefined) raw.end();
    // What waits would be waited for, for ever where the other side is gone.
    else raw.destroy();
  };
  const timer = setInterval(() => {
    if (blockedSince === undefined) write(':\n\n');
    else if (performance.now() - blockedSince > SILENCE_MS) raw.destroy();
  }, HEARTBEAT_MS).unref();
  raw.on('drain', () => {
    blockedSince = undefined;
  });
  raw.once('close', () => {
    clearInterval(timer);
    signal.removeEventListener('abort', end);
    resolve();
  });
  signal.addEventListener('abort', end, { once: true });
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, HEADERS);
  write(`retry: ${RETRY_MS}\n\n`);
  if (signal.aborted) end();
  return {
    isBlocked: () => blockedSince !== undefined,
    send: (messages) => write(messages.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')),
    end,
    ended,
  };
}
