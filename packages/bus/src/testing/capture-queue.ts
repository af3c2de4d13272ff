import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { RecordingCaptured } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import type { Bus } from '../bus.ts';
import { connectBus } from '../connect.ts';
import { type ConsumeOptions, consumeEvents } from '../consume.ts';
import type { DeadLetter } from '../dead-letter-message.ts';
import { listDeadLetters } from '../dead-letters.ts';
import { ensureStreams } from '../streams.ts';

type Options = ConsumeOptions<RecordingCaptured>;

/** The stream CAPTURES, empty, and consumers of it as the media encryptor has. Disposing it stops them. */
export interface CaptureQueue extends AsyncDisposable {
  readonly bus: Bus;
  consume(handle: Options['handle'], overrides?: Partial<Options>, on?: Bus): Promise<void>;
  /** Captures not acknowledged yet. */
  waiting(): Promise<number>;
  deadLetters(): Promise<DeadLetter[]>;
  /** Resolves when every consumer has stopped. */
  stop(): Promise<void>;
}

export async function captureQueue(url: string): Promise<CaptureQueue> {
  const ended = new AbortController();
  const running: Promise<void>[] = [];
  const bus = await connectBus({ transport: PLAINTEXT, url, name: 'test' });
  for (const stream of [STREAMS.captures, STREAMS.deadLetters]) {
    await bus.link.manager.streams.delete(stream).catch(() => {});
  }
  await ensureStreams(bus);
  const stop = async (): Promise<void> => {
    ended.abort();
    await Promise.allSettled(running);
  };
  return {
    bus,
    consume: (handle, overrides = {}, on = bus) => {
      const consuming = consumeEvents(on, {
        stream: STREAMS.captures,
        durable: 'media-encryptor',
        filter: SUBJECTS.allCaptures,
        kind: EVENT_KINDS.recordingCaptured,
        concurrency: 4,
        maxDeliver: 3,
        backoffMs: [10],
        ackWaitMs: 1_000,
        handle,
        signal: ended.signal,
        ...overrides,
      });
      running.push(consuming);
      return consuming;
    },
    waiting: () => notAcknowledged(bus),
    deadLetters: () => Array.fromAsync(listDeadLetters(bus)),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await bus[Symbol.asyncDispose]();
    },
  };
}

/**
 * By the consumer, once there is one: a nats-server 2.9 that was killed goes on counting messages in the stream that were
 * acknowledged, and never delivers them again.
 */
async function notAcknowledged({ link: { manager } }: Bus): Promise<number> {
  const consumer = await manager.consumers.info(STREAMS.captures, 'media-encryptor').catch(() => undefined);
  if (consumer !== undefined) return consumer.num_pending + consumer.num_ack_pending;
  return (await manager.streams.info(STREAMS.captures)).state.messages;
}

export const unknownProfile = (): AppError =>
  new AppError('PROFILE_NOT_FOUND', 'There is no profile 101', { fix: 'Create profile 101, then retry.' });
export const emptyMedia = (): AppError =>
  new AppError('MEDIA_EMPTY', 'The recording has no bytes', { fix: 'Send the recording again.' });
