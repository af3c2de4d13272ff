import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import { RecordingCaptured } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { once } from '@sealtrack/media-store/read-all';
import { expect, test } from 'vitest';
import { createEncryptCapture } from './encrypt-capture.ts';
import type { CaptureContext } from './encrypt-recording.ts';

const now = new Date('2026-03-01T12:00:00Z');

function setUp() {
  const touched: string[] = [];
  const contexts: CaptureContext[] = [];
  const captured = {
    get: async (name: string) => {
      touched.push(`get ${name}`);
      return { content: once() };
    },
    delete: async (name: string) => void touched.push(`delete ${name}`),
  };
  const encrypt = createEncryptCapture(
    async (_, openMedia, context) => {
      contexts.push(context);
      await openMedia();
      return { manifest: {} as never, duplicate: false };
    },
    captured,
    () => now,
  );
  const handle = (change: Partial<CloudEvent<RecordingCaptured>>, name: string, bucket = 'captures') =>
    encrypt(
      {
        id: '1',
        type: '',
        source: 'pipeline',
        time: now,
        subject: 'captures.demo.101',
        traceparent: '',
        data: RecordingCaptured.fromPartial({
          tenantId: 'demo',
          profileId: '101',
          recordingId: 'call-1',
          startedAt: new Date(0),
          object: { bucket, name },
        }),
        ...change,
      },
      { signal: new AbortController().signal },
    );
  return { handle, touched, contexts };
}

test('the media goes once it is encrypted', async () => {
  const { handle, touched } = setUp();
  await handle({}, 'demo/call-1/main');
  expect(touched).toEqual(['get demo/call-1/main', 'delete demo/call-1/main']);
});

test.each([
  ["another tenant's object", 'other/call-1/main', 'captures'],
  ['a tenant whose name begins like this one', 'demo-2/call-1/main', 'captures'],
  ['an object of no tenant', 'call-1', 'captures'],
  ['nothing below the tenant', 'demo/', 'captures'],
  ['no object', '', 'captures'],
  ['another bucket', 'demo/call-1/main', 'profiles'],
])('a capture that points to %s is refused, and touches nothing', async (_, name, bucket) => {
  const { handle, touched } = setUp();
  await expect(handle({}, name, bucket)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    fix: expect.stringContaining('<tenant_id>/'),
  });
  expect(touched).toEqual([]);
});

test('a capture on the subject of another tenant is refused, and touches nothing', async () => {
  const { handle, touched } = setUp();
  await expect(handle({ subject: 'captures.other.101' }, 'demo/call-1/main')).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  expect(touched).toEqual([]);
});

test('a trace context is carried on, and what is none starts a new one', async () => {
  const { handle, contexts } = setUp();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await handle({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` }, 'demo/a');
  await handle({ traceparent: 'x'.repeat(200_000) }, 'demo/a');
  expect(contexts[0]?.traceparent).toContain(traceId);
  expect(contexts[1]?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test.each([
  ['when its event says', '2026-03-01T11:59:58Z', '2026-03-01T11:59:58Z'],
  ['now, where the event says that it is yet to come', '2026-03-01T12:00:01Z', '2026-03-01T12:00:00Z'],
  [
    'now, where the event is from before there were computers',
    '1969-12-31T23:59:59Z',
    '2026-03-01T12:00:00Z',
  ],
])('a capture was handed over %s', async (_, time, captured) => {
  const { handle, contexts } = setUp();
  await handle({ time: new Date(time) }, 'demo/call-1/main');
  expect(contexts[0]?.capturedAt).toEqual(new Date(captured));
});
