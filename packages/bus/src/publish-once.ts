import { headers as newHeaders } from '@nats-io/transport-node';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError, isFinal, isForbidden } from './bus-errors.ts';
import type { AckedMessage } from './publish-acked.ts';
import { whileConnected } from './wait.ts';

/** Sent, and nobody knows whether it was stored: the connection was lost, or no answer came in time. */
export class PublishInDoubt extends Error {}

/**
 * Sends the message once, at once: those of one connection reach the broker in the order of the calls, each at most once. Resolves
 * when the stream has stored it.
 * @throws PublishInDoubt; AppError BUS_UNAVAILABLE, STORE_FULL or INVALID_ARGUMENT when it certainly was not stored.
 */
export async function publishOnce(
  bus: Bus,
  { subject, headers, body, messageId }: AckedMessage,
  timeoutMs: number,
): Promise<void> {
  const sent = newHeaders();
  for (const [name, value] of Object.entries(headers ?? {})) sent.set(name, value);
  // Nothing may be awaited before this: what is called next would overtake it.
  const stored = bus.link.jetstream.publish(subject, body, {
    msgID: messageId,
    headers: sent,
    timeout: timeoutMs,
  });
  try {
    await whileConnected(bus, stored);
  } catch (error) {
    if (error instanceof AppError || isFinal(error) || isForbidden(error))
      throw busError(bus, `Publishing to ${subject}`, error);
    throw new PublishInDoubt(`Whether ${messageId} is stored is not known`, { cause: error });
  }
}
