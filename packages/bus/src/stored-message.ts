import type { MsgHdrs } from '@nats-io/transport-node';

/** Header values by name as sent; of a repeated header, the last. */
export function readHeaders(headers: MsgHdrs | undefined): Record<string, string> {
  const read: Record<string, string> = {};
  for (const name of headers?.keys() ?? []) read[name] = headers?.last(name) ?? '';
  return read;
}

/** Of a repeated header all values, each on a line of its own: for whoever may not overlook one. None as of `headersOf`. */
export function repeatedHeaders(message: { readonly headers?: MsgHdrs | undefined }): Record<string, string> {
  try {
    const { headers } = message;
    const read: Record<string, string> = {};
    for (const name of headers?.keys() ?? []) read[name] = headers?.values(name).join('\n') ?? '';
    return read;
  } catch {
    return {};
  }
}

/**
 * None when the client cannot take them apart, which it says by throwing where they are asked for. A name it does not
 * like is enough, and such an event must come to its end like every other that nobody can read.
 */
export function headersOf(message: { readonly headers?: MsgHdrs | undefined }): Record<string, string> {
  try {
    return readHeaders(message.headers);
  } catch {
    return {};
  }
}

/** What the reply subject of a JetStream delivery says (nats-architecture-and-design, ADR-15). */
export interface DeliveryFacts {
  /** 1 on the first delivery. */
  readonly delivery: number;
  /** In the stream. */
  readonly sequence: number;
  /** Of this consumer: without gaps unless a delivery got lost. */
  readonly consumerSequence: number;
  readonly time: Date;
  /** Messages of the consumer after this one. */
  readonly pending: number;
}

/** Undefined when the message is no delivery but a status. */
export function readDelivery(reply: string | undefined): DeliveryFacts | undefined {
  const tokens = reply?.split('.') ?? [];
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return undefined;
  // The long form has a domain and an account hash before the stream, and a random token at the end.
  const [delivery, sequence, consumerSequence, time, pending] = tokens
    .slice(tokens.length === 9 ? 4 : 6)
    .map(Number);
  return {
    delivery: delivery ?? 1,
    sequence: sequence ?? 0,
    consumerSequence: consumerSequence ?? 0,
    time: new Date((time ?? 0) / 1e6),
    pending: pending ?? 0,
  };
}
