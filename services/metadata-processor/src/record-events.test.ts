import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { TenantId } from '@sealtrack/ids/ids';
import { expect, test } from 'vitest';
import { createRecordEncrypted } from './record-encrypted.ts';
import { createRecordKeptInClear } from './record-kept-in-clear.ts';
import { createRecordRewrapped } from './record-rewrapped.ts';
import { delivered, encrypted, keptInClear, rewrapped } from './testing/events.ts';
import { certificate } from './testing/recordings.ts';

const demo = 'demo' as TenantId;
const TO = [certificate(1)];

/** The handlers, and what they did in order. */
function setUp({ added = true } = {}) {
  const done: string[] = [];
  const index = {
    add: async (recording: Recording) => {
      done.push(`added ${recording.tenantId}/${recording.recordingId}`);
      return { recording, added };
    },
    rewrap: async (recording: Recording) => {
      done.push(`re-wrapped ${recording.tenantId}/${recording.recordingId}`);
      return { recording, added };
    },
    get: async () => undefined,
    history: async () => undefined,
  };
  const announcer = { recordingStored: async () => void done.push('said') };
  const clock = () => new Date(0);
  const indexed = { add: (amount: number) => void done.push(`counted ${amount}`) };
  return {
    done,
    encrypted: createRecordEncrypted(index, announcer, clock, indexed),
    keptInClear: createRecordKeptInClear(index, announcer, clock, indexed),
    rewrapped: createRecordRewrapped(index, clock, indexed),
  };
}

test('a recording is in the index before it is said to be stored', async () => {
  const { done, ...handle } = setUp();
  await handle.encrypted(delivered(encrypted(demo, 'call-1', TO), 'encrypted'));
  await handle.keptInClear(delivered(keptInClear(demo, 'call-2'), 'kept-in-clear'));
  expect(done).toEqual(['added demo/call-1', 'counted 1', 'said', 'added demo/call-2', 'counted 1', 'said']);
});

test('a recording that was there is said once more, but is no new one', async () => {
  const { done, ...handle } = setUp({ added: false });
  await handle.encrypted(delivered(encrypted(demo, 'call-1', TO), 'encrypted'));
  await handle.keptInClear(delivered(keptInClear(demo, 'call-2'), 'kept-in-clear'));
  await handle.rewrapped(delivered(rewrapped(demo, 'call-1', TO, new Date()), 'rewrapped'));
  expect(done).toEqual(['added demo/call-1', 'said', 'added demo/call-2', 'said', 're-wrapped demo/call-1']);
});

test('one that is heard of first when it is re-wrapped is new, and said to be stored by the event for that', async () => {
  const { done, ...handle } = setUp();
  await handle.rewrapped(delivered(rewrapped(demo, 'call-1', TO, new Date()), 'rewrapped'));
  expect(done).toEqual(['re-wrapped demo/call-1', 'counted 1']);
});

test('what is said on the subject of one tenant, or of something else, never reaches the index', async () => {
  const { done, ...handle } = setUp();
  const of = rewrapped(demo, 'call-1', TO, new Date());
  const wrong = [
    handle.encrypted(delivered(encrypted(demo, 'call-1', TO), 'encrypted', 'other')),
    handle.encrypted(delivered(encrypted(demo, 'call-1', TO), 'rewrapped')),
    handle.keptInClear(delivered(keptInClear(demo, 'call-1'), 'kept-in-clear', 'other')),
    handle.keptInClear(delivered(keptInClear(demo, 'call-1'), 'encrypted')),
    handle.rewrapped(delivered(of, 'rewrapped', 'other')),
    handle.rewrapped(delivered(of, 'encrypted')),
    handle.rewrapped(delivered({ ...of, recordingId: 'a:b' }, 'rewrapped')),
  ];
  for (const each of wrong) await expect(each).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(done).toEqual([]);
});

test('no event says that a recording is in clear but the one for that, and that one says nothing else', async () => {
  const { done, ...handle } = setUp();
  const { media: clear } = keptInClear(demo, 'call-1');
  const { media: sealed } = encrypted(demo, 'call-1', TO);
  const of = rewrapped(demo, 'call-1', TO, new Date());
  const both = clear.map((each) => ({ ...each, certificateIds: TO }));
  const nobody = sealed.map((each) => ({ ...each, certificateIds: [] }));
  const wrong = [
    handle.encrypted(
      delivered({ ...encrypted(demo, 'call-1', TO), media: [...sealed, ...clear] }, 'encrypted'),
    ),
    handle.keptInClear(delivered({ ...keptInClear(demo, 'call-1'), media: sealed }, 'kept-in-clear')),
    handle.keptInClear(delivered({ ...keptInClear(demo, 'call-1'), media: nobody }, 'kept-in-clear')),
    handle.keptInClear(delivered({ ...keptInClear(demo, 'call-1'), media: both }, 'kept-in-clear')),
    ...[clear, both, nobody, []].map((media) => handle.rewrapped(delivered({ ...of, media }, 'rewrapped'))),
  ];
  const refused = { code: 'INVALID_ARGUMENT', details: { field: 'media' } };
  for (const each of wrong) await expect(each).rejects.toMatchObject(refused);
  expect(done).toEqual([]);
});

test('a re-wrapping without its time is refused, since nobody could tell which is the later one', async () => {
  const { done, ...handle } = setUp();
  const event = { ...rewrapped(demo, 'call-1', TO, new Date()), rewrappedAt: undefined };
  await expect(handle.rewrapped(delivered(event, 'rewrapped'))).rejects.toMatchObject({
    details: { field: 'rewrapped_at' },
  });
  expect(done).toEqual([]);
});
