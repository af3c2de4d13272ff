import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import { RecordingEncrypted } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { expect, test } from 'vitest';
import { createRecordEncrypted } from './record-encrypted.ts';

function setUp({ added = true } = {}) {
  const done: string[] = [];
  const index = {
    add: async (recording: Recording) => {
      done.push(`added ${recording.tenantId}/${recording.recordingId}`);
      return { recording, added };
    },
    get: async () => undefined,
    list: async () => ({ recordings: [], next: undefined }),
  };
  const announcer = { recordingStored: async () => void done.push('said') };
  const handle = createRecordEncrypted(index, announcer, () => new Date(0), {
    add: (amount) => void done.push(`counted ${amount}`),
  });
  const event = (subject: string): CloudEvent<RecordingEncrypted> => ({
    id: '1',
    type: '',
    source: 'media-encryptor',
    time: new Date(0),
    subject,
    traceparent: '',
    data: RecordingEncrypted.fromPartial({ tenantId: 'demo', recordingId: 'call-1' }),
  });
  return { done, say: (subject: string) => handle(event(subject)) };
}

test('a recording is in the index before it is said to be stored', async () => {
  const { done, say } = setUp();
  await say('events.demo.recording.encrypted');
  expect(done).toEqual(['added demo/call-1', 'counted 1', 'said']);
});

test('a recording that was there is said once more, but is no new one', async () => {
  const { done, say } = setUp({ added: false });
  await say('events.demo.recording.encrypted');
  expect(done).toEqual(['added demo/call-1', 'said']);
});

test('what is said on the subject of one tenant never reaches the index of another', async () => {
  const { done, say } = setUp();
  await expect(say('events.other.recording.encrypted')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(done).toEqual([]);
});
