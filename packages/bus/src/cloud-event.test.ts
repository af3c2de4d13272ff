import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { describe, expect, test } from 'vitest';
import { type CloudEvent, decodeCloudEvent, encodeCloudEvent } from './cloud-event.ts';
import { capture } from './testing/events.ts';

const kind = EVENT_KINDS.recordingCaptured;
const received = new Date('2025-06-01T00:00:00Z');
const event = {
  id: 'captured:r1',
  type: kind.type,
  source: 'pipeline',
  time: new Date('2025-01-31T08:15:30.250Z'),
  subject: 'captures.demo.101',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  data: { ...capture('r1'), startedAt: new Date('2025-01-31T08:10:00Z'), attributes: { agent: 'Zoë' } },
} satisfies CloudEvent<unknown>;

const decode = (headers: Record<string, string>, body: string) =>
  decodeCloudEvent({ subject: event.subject, headers, body, received }, kind);

test('an event comes back as it went', () => {
  const { headers, body } = encodeCloudEvent(event, kind);
  expect(decode({ ...headers }, body)).toEqual(event);
});

test('a person can read it on the wire', () => {
  const { headers, body } = encodeCloudEvent(event, kind);
  expect(headers).toEqual({
    'ce-specversion': '1.0',
    'ce-id': 'captured:r1',
    'ce-type': 'sealtrack.recording.captured.v1',
    'ce-source': 'pipeline',
    'ce-time': '2025-01-31T08:15:30.250Z',
    'ce-datacontenttype': 'application/json',
    traceparent: event.traceparent,
  });
  expect(JSON.parse(body)).toMatchObject({
    tenantId: 'demo',
    recordingId: 'r1',
    startedAt: '2025-01-31T08:10:00.000Z',
  });
});

test('header values of any text survive', () => {
  const odd = { ...event, id: 'a "50%" – ü\n', source: '/pipelines/Köln 1' };
  const { headers, body } = encodeCloudEvent(odd, kind);
  expect(Object.values(headers).join('')).toMatch(/^[\x21-\x7e]+$/);
  expect(decode({ ...headers }, body)).toEqual(odd);
});

test('header names of any case, no ce-time and unknown fields are accepted', () => {
  const decoded = decode(
    { 'Ce-Specversion': '1.0', 'Ce-Id': 'x', 'CE-TYPE': kind.type, 'Ce-Source': 'nats-cli' },
    '{"recording_id":"r2","future":{"field":1}}',
  );
  expect(decoded).toMatchObject({ id: 'x', time: received, traceparent: '', data: { recordingId: 'r2' } });
});

describe('is refused, with the place and the next step:', () => {
  const { headers, body } = encodeCloudEvent(event, kind);
  const without = (name: string) =>
    Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
  test.each([
    ['no id', without('ce-id'), body, 'ce-id'],
    ['no type', without('ce-type'), body, 'ce-type'],
    ['no headers at all', {}, body, 'ce-specversion'],
    ['another version', { ...headers, 'ce-specversion': '2.0' }, body, 'ce-specversion'],
    ['another type', { ...headers, 'ce-type': 'com.example.other' }, body, 'ce-type'],
    [
      'another media type',
      { ...headers, 'ce-datacontenttype': 'application/protobuf' },
      body,
      'ce-datacontenttype',
    ],
    ['a time that is none', { ...headers, 'ce-time': 'yesterday' }, body, 'ce-time'],
    ['a body that is no JSON', headers, '{"recordingId":', 'body'],
    ['a body that is no object', headers, '[1]', 'body'],
    ['a timestamp that is none', headers, '{"startedAt":"soon"}', 'body'],
  ])('%s', (_, wrongHeaders, wrongBody, field) => {
    expect(() => decode({ ...wrongHeaders }, wrongBody)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        details: { field },
        fix: expect.stringMatching(/^Send /),
      }),
    );
  });
});
