import { createClearKeeper } from '@sealtrack/envelope/clear-media';
import { serializeManifest } from '@sealtrack/envelope/manifest';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { openFsStore } from '@sealtrack/media-store/fs-store';
import { once } from '@sealtrack/media-store/read-all';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { createFindMedia } from './find-media.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const store = await openFsStore(folder.path);
const { signal } = new AbortController();
const [tenantId, recordingId] = [parseTenantId('demo'), parseRecordingId('call-1')];
const [main, screen] = [parseMediaId('main'), parseMediaId('screen')];

const clear = async () => {
  const keeper = createClearKeeper();
  await Array.fromAsync(keeper.keep(once(Buffer.from('a short call'))));
  return keeper.finish();
};
const manifestKey = 'recordings/demo/call-1/recording.json';
const media = await Promise.all(
  [main, screen].map(async (mediaId) => ({
    ...{ mediaId, contentType: 'audio/wav', ciphertext: `${mediaId}.clear`, certificateIds: [] },
    ...(await clear()),
  })),
);
const manifest = serializeManifest({
  ...{ format: 'sealtrack.recording.v1', tenantId, recordingId, profileId: parseProfileId('101') },
  ...{ startedAt: '2026-03-01T12:00:00Z', encryptedAt: '2026-03-01T12:01:00Z', attributes: {} },
  ...{ fingerprint: '0'.repeat(64), inClear: { policy: 'off', reason: 'policy-off' }, media },
});
await store.create(manifestKey, once(manifest));

/** With an index that points everybody there, and has these suites. */
const find = createFindMedia(
  {
    find: async () => ({
      manifestKey,
      suites: new Map([
        ['main', 'clear'],
        ['screen', 'pkcs7'],
      ]),
    }),
  },
  store,
);

test('the media that is asked for is found, beside its manifest', async () => {
  const found = await find(tenantId, recordingId, main, signal);
  expect(found).toMatchObject({ media: media[0], ciphertextKey: 'recordings/demo/call-1/main.clear' });
  expect(found.manifestBytes).toEqual(manifest);
});

test.each([
  ['another tenant', parseTenantId('other'), recordingId],
  ['another recording', tenantId, parseRecordingId('call-2')],
])('an index that points to the manifest of %s gets nobody at it', async (_, tenant, recording) => {
  await expect(find(tenant, recording, main, signal)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
});

test('media that the index has as encrypted is not taken for clear because another one is', async () => {
  await expect(find(tenantId, recordingId, screen, signal)).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    message: expect.stringContaining('the index'),
  });
});

test('media that there is none of is not found', async () => {
  await expect(find(tenantId, recordingId, parseMediaId('other'), signal)).rejects.toMatchObject({
    code: 'RECORDING_NOT_FOUND',
    fix: 'Ask for one of: main, screen.',
  });
});
