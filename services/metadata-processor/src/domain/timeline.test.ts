import { FailedCapture, Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { expect, test } from 'vitest';
import { timelineOf } from './timeline.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 10, 0, second));
const TRACE = 'a'.repeat(32);
const media = (suite: string, ...certificateIds: string[]) => ({ mediaId: 'main', suite, certificateIds });
const recording = (more: Partial<Recording>): Recording =>
  Recording.fromPartial({
    ...{ recordingId: 'r', profileId: '101', capturedAt: at(1), encryptedAt: at(2), storedAt: at(3) },
    ...{ traceId: TRACE, media: [media('pkcs7', 'c1', 'c2'), media('pkcs7', 'c1')] },
    ...more,
  });
const known = (more: Partial<Recording> = {}, heldFor = more.quarantineReason ?? '') => ({
  ...{ known: { recording: recording(more), heldFor }, failures: [], accesses: new Map() },
});
const shown = (facts: Parameters<typeof timelineOf>[0]) =>
  timelineOf(facts).map(({ what, at }) => `${what} ${at?.getUTCSeconds()}`);

test('a recording is captured, encrypted, stored, played and exported, each with what is known of it', () => {
  const accesses = new Map([
    ['export', { times: 1n, last: at(8) }],
    ['play', { times: 12n, last: at(9) }],
    ['waveform', { times: 3n, last: at(7) }],
  ]);
  expect(timelineOf({ ...known(), accesses })).toMatchObject([
    { what: 'captured', at: at(1), traceId: TRACE, times: 0n },
    { what: 'encrypted', at: at(2), traceId: TRACE, certificateIds: ['c1', 'c2'] },
    { what: 'stored', at: at(3), traceId: TRACE },
    { what: 'exported', at: at(8), times: 1n },
    { what: 'played', at: at(9), times: 12n },
  ]);
});

test('what is held says why and what to do; once it is released there is nothing to do', () => {
  const held = timelineOf(known({ quarantineReason: 'expired' }));
  expect(held.map(({ what }) => what)).toEqual(['captured', 'encrypted', 'quarantined', 'stored']);
  expect(held[2]).toMatchObject({
    ...{ reason: 'expired', message: 'No certificate of IVR profile 101 could be used (expired)' },
    nextStep: expect.stringContaining('sealtrack profiles assign 101'),
  });
  const released = timelineOf(known({ rewrappedAt: at(5) }, 'none-assigned'));
  expect(released).toMatchObject([
    ...[{ what: 'captured' }, { what: 'encrypted', certificateIds: [] }],
    { what: 'quarantined', reason: 'none-assigned', nextStep: '' },
    ...[{ what: 'stored' }, { what: 'rewrapped', at: at(5), certificateIds: ['c1', 'c2'] }],
  ]);
});

test('one in clear, and one of an older version, say less', () => {
  expect(
    shown(known({ media: recording({ media: [media('clear') as never] }).media, encryptedAt: undefined })),
  ).toEqual([...['captured 1', 'kept-in-clear 3', 'stored 3']]);
  expect(shown(known({ capturedAt: undefined, encryptedAt: undefined, traceId: '' }))).toEqual(['stored 3']);
});

test('a capture that became no recording is told by its failures, and nothing by nothing', () => {
  const failures = [9, 4].map((second) =>
    FailedCapture.fromPartial({ failedAt: at(second), deadLetter: 7n }),
  );
  const nothing = { known: undefined, failures: [], accesses: new Map() };
  expect(shown({ ...nothing, failures })).toEqual(['failed 4', 'failed 9']);
  expect(timelineOf(nothing)).toEqual([]);
});
