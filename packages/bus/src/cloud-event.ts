/**
 * CloudEvents 1.0 in binary mode (spec v1.0.3, NATS protocol binding §3.1): attributes in `ce-` headers, the
 * proto3-JSON body alone in the payload.
 * Pure: no connection needed to write or read one.
 */

import type { EventKind } from '@sealtrack/contracts/event-kinds';
import { AppError } from '@sealtrack/errors/app-error';

export interface CloudEvent<T> {
  /** Unique with `source`; the same event published again has the same one. */
  readonly id: string;
  readonly type: string;
  /** Who says so, such as "media-encryptor". */
  readonly source: string;
  readonly time: Date;
  /** The NATS subject it travels on. */
  readonly subject: string;
  /** W3C Trace Context; empty when there is none. */
  readonly traceparent: string;
  readonly data: T;
}

export interface WireEvent {
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8 JSON. */
  readonly body: string;
}

/** The binding percent-encodes everything outside printable ASCII, and the space, quote and percent sign. */
const toHeader = (value: string): string =>
  value.replaceAll(/[^\x21\x23\x24\x26-\x7e]+/g, (part) => encodeURIComponent(part.toWellFormed()));

function fromHeader(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

export function encodeCloudEvent<T>(event: Omit<CloudEvent<T>, 'type'>, kind: EventKind<T>): WireEvent {
  return {
    headers: {
      'ce-specversion': '1.0',
      'ce-id': toHeader(event.id),
      'ce-type': kind.type,
      'ce-source': toHeader(event.source),
      'ce-time': event.time.toISOString(),
      'ce-datacontenttype': 'application/json',
      ...(event.traceparent === '' ? {} : { traceparent: event.traceparent }),
    },
    body: JSON.stringify(kind.message.toJSON(event.data)),
  };
}

export interface ReceivedMessage {
  readonly subject: string;
  /** Any case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** Stands in for the optional `ce-time`. */
  readonly received: Date;
}

const malformed = (field: string, message: string, fix: string, cause?: unknown): AppError =>
  new AppError('INVALID_ARGUMENT', message, { fix, details: { field }, cause });

/** Throws INVALID_ARGUMENT, naming the header or the body, when it is not an event of this kind. */
export function decodeCloudEvent<T>(message: ReceivedMessage, kind: EventKind<T>): CloudEvent<T> {
  const headers = new Map(
    Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const required = (name: string): string => {
    const value = headers.get(name);
    if (value !== undefined && value !== '') return fromHeader(value);
    throw malformed(name, `The event has no ${name} header`, 'Send the headers that docs/events.md lists.');
  };
  const version = required('ce-specversion');
  if (version !== '1.0') {
    throw malformed('ce-specversion', 'The event is not CloudEvents 1.0', 'Send ce-specversion: 1.0.');
  }
  const type = required('ce-type');
  if (type !== kind.type) {
    throw malformed(
      'ce-type',
      'The event is of another type than its subject carries',
      `Send ce-type: ${kind.type}.`,
    );
  }
  const contentType = headers.get('ce-datacontenttype') ?? headers.get('content-type') ?? 'application/json';
  if (!/^application\/json\b/i.test(contentType)) {
    throw malformed(
      'ce-datacontenttype',
      'The event is not JSON',
      'Send ce-datacontenttype: application/json.',
    );
  }
  return {
    id: required('ce-id'),
    type,
    source: required('ce-source'),
    time: readTime(headers.get('ce-time'), message.received),
    subject: message.subject,
    traceparent: headers.get('traceparent') ?? headers.get('ce-traceparent') ?? '',
    data: readBody(message.body, kind),
  };
}

function readTime(text: string | undefined, received: Date): Date {
  if (text === undefined) return received;
  const time = new Date(fromHeader(text));
  if (!Number.isNaN(time.getTime())) return time;
  throw malformed(
    'ce-time',
    'The ce-time header is not a time',
    'Send RFC 3339, such as 2025-01-31T08:15:30Z.',
  );
}

function readBody<T>(body: Uint8Array | string, kind: EventKind<T>): T {
  const fix = `Send the proto3 JSON of the message that docs/events.md gives for ${kind.type}.`;
  try {
    const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body);
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw malformed('body', 'The body of the event is not a JSON object', fix);
    }
    const data = kind.message.fromJSON(json);
    // The generated reader takes any text for a time; writing it back refuses what is none.
    kind.message.toJSON(data);
    return data;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw malformed('body', 'The body of the event cannot be read', fix, error);
  }
}
