import type { EventKind } from '@sealtrack/contracts/event-kinds';
import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { encodeCloudEvent } from './cloud-event.ts';
import { type AckedMessage, type AckOptions, publishUntilAcked } from './publish-acked.ts';

export interface OutgoingEvent<T> {
  readonly subject: string;
  readonly kind: EventKind<T>;
  /** The same event said again has the same id, however often it is said: it is stored once. */
  readonly id: string;
  readonly source: string;
  readonly data: T;
  /** Now, unless told. */
  readonly time?: Date;
  readonly traceparent?: string;
}

export interface PublishReceipt {
  /** In the event's stream. */
  readonly sequence: number;
  /** The stream had stored this id before, within its duplicate window. */
  readonly duplicate: boolean;
}

/**
 * Resolves when the stream has stored the event. Errors: BUS_UNAVAILABLE (publish it again, under the same id),
 * STORE_FULL, INVALID_ARGUMENT (too large), CANCELLED.
 */
export async function publishEvent<T>(
  bus: Bus,
  event: OutgoingEvent<T>,
  options: AckOptions = {},
): Promise<PublishReceipt> {
  const { subject, kind, id, source, data, time = new Date(), traceparent = '' } = event;
  const { headers, body } = encodeCloudEvent({ id, source, time, subject, traceparent, data }, kind);
  try {
    const ack = await publishUntilAcked(bus, { subject, headers, body, messageId: id }, options);
    return { sequence: ack.seq, duplicate: ack.duplicate };
  } catch (error) {
    throw busError(bus, `Publishing to ${subject}`, error);
  }
}

/** As above, of a message that is encoded already. */
export async function publishUntilStored(
  bus: Bus,
  message: AckedMessage,
  options: AckOptions = {},
): Promise<void> {
  try {
    await publishUntilAcked(bus, message, options);
  } catch (error) {
    throw busError(bus, `Publishing to ${message.subject}`, error);
  }
}
