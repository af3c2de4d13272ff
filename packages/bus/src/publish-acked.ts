import type { PubAck } from '@nats-io/jetstream';
import { headers as newHeaders } from '@nats-io/transport-node';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError, isFinal, isForbidden } from './bus-errors.ts';
import { pause, untilConnected, whileConnected } from './wait.ts';

export interface AckedMessage {
  readonly subject: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** The stream stores one message an id within its duplicate window: this is what makes trying again safe. */
  readonly messageId: string;
  /** Refused unless the newest message of the subject has this sequence number; 0 is none at all. */
  readonly expectedRevision?: number;
}

export interface AckOptions {
  /** For all tries together, in milliseconds. 10 s unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const TRY_MS = 2_000;
const BETWEEN_TRIES_MS = 100;

/**
 * Publishes until the stream has acknowledged it: through lost acknowledgements, reconnects and broker restarts.
 * Throws the broker's own error when the answer is final or this is not permitted, otherwise AppError BUS_UNAVAILABLE when time
 * is up (the message may or may not be stored then) and CANCELLED when the signal aborted.
 */
export async function publishUntilAcked(
  bus: Bus,
  message: AckedMessage,
  { timeoutMs = 10_000, signal }: AckOptions = {},
): Promise<PubAck> {
  const deadline = performance.now() + timeoutMs;
  const left = () => deadline - performance.now();
  const headers = newHeaders();
  for (const [name, value] of Object.entries(message.headers ?? {})) headers.set(name, value);
  const expect =
    message.expectedRevision === undefined
      ? {}
      : { expect: { lastSubjectSequence: message.expectedRevision } };
  let failure: unknown;
  while (left() > 0 && !bus.link.connection.isClosed()) {
    if (!(await untilConnected(bus, left(), signal))) break;
    try {
      const publish = bus.link.jetstream.publish(message.subject, message.body, {
        msgID: message.messageId,
        headers,
        timeout: Math.max(1, Math.min(TRY_MS, left())),
        ...expect,
      });
      return await whileConnected(bus, publish, signal);
    } catch (error) {
      if (isFinal(error) || isForbidden(error)) throw error;
      failure = error;
      if (!(await pause(BETWEEN_TRIES_MS, signal))) break;
    }
  }
  if (signal?.aborted) {
    throw new AppError('CANCELLED', `Publishing to ${message.subject} was cancelled`, {
      fix: 'Publish it again under the same id: it is stored once.',
      cause: signal.reason,
    });
  }
  throw busError(bus, `Publishing to ${message.subject}`, failure);
}
