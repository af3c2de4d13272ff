import { AppError } from '@sealtrack/errors/app-error';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { ALICE, startConsoleWorld } from '../../testing/console-world.ts';

const world = await startConsoleWorld();
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.calls.length = 0;
  world.on = {};
});

const at = (time: string) => new Date(`2026-03-01T${time}Z`);
const recording = {
  ...{
    tenantId: 'demo',
    recordingId: 'call-1',
    profileId: '101',
    mediaType: 'voice',
    traceId: 'f'.repeat(32),
  },
  ...{ startedAt: at('10:00:00'), capturedAt: at('10:05:00'), storedAt: at('10:05:01') },
  attributes: { agent: 'anna', __proto: 'x' },
  manifestKey: 'of no concern',
  media: [
    {
      ...{
        mediaId: 'main',
        contentType: 'audio/wav',
        suite: 'cms',
        certificateIds: ['aa'],
        hasWaveform: true,
      },
      ...{ plaintextSize: 5_000_000_000n, ciphertextSize: 5_000_000_100n },
    },
  ],
};
const shown = {
  ...{ recordingId: 'call-1', profileId: '101', mediaType: 'voice', traceId: 'f'.repeat(32) },
  ...{ startedAt: '2026-03-01T10:00:00.000Z', capturedAt: '2026-03-01T10:05:00.000Z', encryptedAt: null },
  ...{ storedAt: '2026-03-01T10:05:01.000Z', rewrappedAt: null, quarantineReason: null },
  attributes: { agent: 'anna', __proto: 'x' },
  media: [
    {
      ...{
        mediaId: 'main',
        contentType: 'audio/wav',
        suite: 'cms',
        certificateIds: ['aa'],
        hasWaveform: true,
      },
      ...{ plaintextSize: 5_000_000_000, ciphertextSize: 5_000_000_100 },
    },
  ],
};

test('a search asks for all that was filled in, and says how far it came', async () => {
  world.on.listRecordings = async () => ({
    ...{ recordings: [recording], nextPageToken: 'more', searchedTo: at('09:00:00') },
  });
  const query = new URLSearchParams({
    ...{ from: '2026-03-01T00:00:00Z', until: '2026-03-02T00:00:00+01:00', profile: '101', agent: 'anna' },
    ...{ certificate: 'ab', query: 'two words', quarantined: '1', page: 'p', size: '20' },
  });
  expect((await world.read('GET', `/recordings?${query}`)).json).toEqual({
    ...{ recordings: [shown], nextPage: 'more', searchedTo: '2026-03-01T09:00:00.000Z' },
  });
  expect(world.calls).toMatchObject([
    {
      caller: ALICE.names,
      request: {
        ...{ tenantId: 'demo', pageSize: 20, pageToken: 'p', quarantined: true },
        filter: {
          ...{ from: at('00:00:00'), until: new Date('2026-03-01T23:00:00Z'), profileId: '101' },
          ...{ agent: 'anna', certificateId: 'ab', query: 'two words' },
        },
      },
    },
  ]);
  world.on.listRecordings = async () => ({});
  const { json } = await world.read('GET', '/recordings');
  expect(json).toEqual({ recordings: [], nextPage: null, searchedTo: null });
  expect(world.calls[1]?.request).toMatchObject({ pageSize: 50, quarantined: false, filter: { query: '' } });
});

test('captures that failed', async () => {
  const why = { reason: 'NO_USABLE_CERTIFICATE', message: 'None', nextStep: 'Assign one.', profileId: '101' };
  world.on.listFailedCaptures = async () => ({
    captures: [{ ...why, recordingId: '', deadLetter: 17n, failedAt: at('11:00:00'), traceId: '' }],
  });
  const { json } = await world.read('GET', '/failed-captures?query=x&profile=101&until=2026-03-02T00:00:00Z');
  expect(json).toEqual({
    captures: [
      { ...why, recordingId: null, deadLetter: 17, failedAt: '2026-03-01T11:00:00.000Z', traceId: null },
    ],
    nextPage: null,
  });
  expect(world.calls[0]?.request).toMatchObject({
    filter: { query: 'x', profileId: '101', from: undefined },
  });
});

test('a recording, what happened to it, and who had it', async () => {
  world.on = {
    getRecording: async () => ({ recording }),
    getTimeline: async () => ({
      entries: [
        { at: at('10:00:00'), what: 'failed', reason: 'CODE', message: 'm', nextStep: 'n', deadLetter: 3n },
        { at: at('10:01:00'), what: 'of a newer version' },
        { at: at('10:02:00'), what: 'played', times: 4n, certificateIds: ['aa'], traceId: 'f'.repeat(32) },
      ],
    }),
    listAccesses: async () => ({
      accesses: [
        {
          ...{ at: at('12:00:00'), action: 'play', mediaId: 'main', caller: 'user:anna via console' },
          ...{ user: '', purpose: 'console', offset: 1n, length: 5_000_000_000n, accessId: 'of no concern' },
        },
      ],
    }),
  };
  const path = '/recordings/call-1';
  expect((await world.read('GET', path)).json).toEqual(shown);
  expect((await world.read('GET', `${path}/timeline`)).json).toEqual({
    entries: [
      {
        ...{ at: '2026-03-01T10:00:00.000Z', what: 'failed', reason: 'CODE', message: 'm', nextStep: 'n' },
        ...{ deadLetter: 3, times: null, certificateIds: [], traceId: null },
      },
      {
        ...{ at: '2026-03-01T10:02:00.000Z', what: 'played', reason: null, message: null, nextStep: null },
        ...{ deadLetter: null, times: 4, certificateIds: ['aa'], traceId: 'f'.repeat(32) },
      },
    ],
  });
  expect((await world.read('GET', `${path}/accesses`)).json).toEqual({
    accesses: [
      {
        ...{
          at: '2026-03-01T12:00:00.000Z',
          action: 'play',
          mediaId: 'main',
          caller: 'user:anna via console',
        },
        ...{ user: null, purpose: 'console', offset: 1, length: 5_000_000_000, certificateId: null },
      },
    ],
  });
});

test.each<[string, string]>([
  ['/recordings?from=yesterday', 'from'],
  ['/recordings?from=2026-03-01T00:00:00Z&from=2026-03-01T00:00:00Z', 'from'],
  ['/recordings?size=201', 'size'],
  ['/recordings?size=0', 'size'],
  ['/recordings?quarantined=yes', 'quarantined'],
  [`/recordings?page=${'x'.repeat(2_001)}`, 'page'],
  ['/failed-captures?until=2026-02-30T00:00:00Z', 'until'],
  ['/recordings/a%2fb', 'recording_id'],
  [`/recordings/${'x'.repeat(129)}/timeline`, 'recording_id'],
])('%s is refused by %s', async (path, field) => {
  const { status, json } = await world.read('GET', path);
  expect([status, json]).toMatchObject([400, { code: 'INVALID_ARGUMENT', details: { field } }]);
  expect(world.calls).toEqual([]);
});

test('what the service refuses comes as it was said, and of one that is away it is said that it is', async () => {
  world.on.getRecording = async () => {
    throw new AppError('RECORDING_NOT_FOUND', 'There is none', { fix: 'See the list.' });
  };
  expect(await world.read('GET', '/recordings/call-9')).toMatchObject({
    status: 404,
    json: { code: 'RECORDING_NOT_FOUND', title: 'There is none', fix: 'See the list.' },
  });
  await world.metadata.close();
  expect(await world.read('GET', '/recordings')).toMatchObject({
    status: 503,
    json: { code: 'SERVICE_UNAVAILABLE', fix: expect.any(String) },
  });
});
