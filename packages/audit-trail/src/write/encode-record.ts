import { randomUUID } from 'node:crypto';
import { encodeCloudEvent } from '@sealtrack/bus/cloud-event';
import type { EventKind } from '@sealtrack/contracts/event-kinds';
import type { Signer } from '@sealtrack/statements/statement';
import { lowerCased } from '../record.ts';
import { type SAYS, saidBy } from '../said.ts';
import type { Unplaced } from './chain.ts';

/** What is to be put on record. */
export interface AuditEvent<T> {
  readonly subject: string;
  readonly kind: EventKind<T>;
  readonly data: T;
  /** Of the trace that it belongs to; empty when there is none. */
  readonly traceparent: string;
}

export interface Encoding {
  /** Who writes, such as "crypto-server". */
  readonly source: string;
  readonly now: () => Date;
}

/** With an id and the time of now, which it keeps in whatever chain it comes to stand. */
export function encodeRecord<T>({ kind, ...event }: AuditEvent<T>, { source, now }: Encoding): Unplaced {
  const { headers, body } = encodeCloudEvent({ ...event, id: randomUUID(), source, time: now() }, kind);
  return { subject: event.subject, headers, body: Buffer.from(body) };
}

/** An opening or a checkpoint, signed. @throws AppError as the signer does. */
export async function encodeMark<T extends { statement: string }>(
  says: (typeof SAYS)[keyof typeof SAYS],
  event: Omit<AuditEvent<T>, 'traceparent'>,
  signer: Signer | undefined,
  encoding: Encoding,
): Promise<Unplaced> {
  const record = encodeRecord({ ...event, traceparent: '' }, encoding);
  if (signer === undefined) return record;
  const fields = event.kind.message.toJSON(event.data) as Record<string, unknown>;
  const statement = await signer.sign(says, saidBy(lowerCased(record.headers), fields), { lasting: true });
  return { ...record, body: Buffer.from(JSON.stringify({ ...fields, statement })) };
}
