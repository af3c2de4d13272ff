import { expect, test } from 'vitest';
import { certificate, plain, playback } from './testing/playable.ts';

const { record, player } = await playback();

test('an envelope is described without a key and without a record', async () => {
  const { recordingId } = await record('cms', plain, { durationMs: 1, channels: 1, peaks: Buffer.alloc(1) });
  const { inspectionOf, requested, ended, deks } = player();
  const { document } = await inspectionOf(recordingId);
  expect(JSON.parse(document)).toMatchObject({
    ...{ kind: 'manifest', recordingId, tenantId: 'demo', profileId: '101' },
    media: [
      {
        ...{ mediaId: 'main', suite: 'cms', plaintextSize: 600_000, segments: 3, hasWaveform: true },
        certificateIds: [certificate.certificateId],
        envelope: { contentEncryption: 'AES-256-GCM', recipients: [{ keyBits: 2048 }] },
        opensWith: [
          expect.stringMatching(/^sealtrack envelope open recording.json --key/),
          expect.anything(),
        ],
      },
    ],
  });
  expect([requested, ended, deks]).toEqual([[], [], []]);
});

test('media in clear has none, and what is not there is said', async () => {
  const { recordingId } = await record('clear');
  const { inspectionOf } = player();
  const { media } = JSON.parse((await inspectionOf(recordingId)).document);
  expect(media).toMatchObject([
    { suite: 'clear', envelope: null, hasWaveform: false, verified: 'keyless tags' },
  ]);
  await expect(inspectionOf('call-none')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
});
