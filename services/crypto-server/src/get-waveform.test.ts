import { readFile, writeFile } from 'node:fs/promises';
import { type Manifest, parseManifest, serializeManifest } from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import { describe, expect, test, vi } from 'vitest';
import type { FindMediaKey } from './key-use.ts';
import { callerOf, certificate, plain, playback, taken } from './testing/playable.ts';

const { record, player } = await playback();
const drawn = { durationMs: 75_000, channels: 2, peaks: Buffer.from('a waveform') };
const right = { durationMs: 75_000n, channels: 2, peaks: Buffer.from('a waveform') };

/** Puts another manifest in the place of a recording's. */
async function bend(path: string, change: (manifest: Manifest) => Manifest): Promise<void> {
  const file = path.replace('main.enc', 'recording.json');
  await writeFile(file, serializeManifest(change(parseManifest(await readFile(file)))));
}

describe.each(['pkcs7', 'cms', 'clear'] as const)('%s', (suite) => {
  test('its waveform comes back, and is on record with what became of it', async () => {
    const { recordingId } = await record(suite, plain, drawn);
    const { waveformOf, requested, ended } = player();
    expect(await waveformOf(recordingId)).toEqual(right);
    const certificateId = suite === 'clear' ? '' : certificate.certificateId;
    const access = { tenantId: 'demo', recordingId, mediaId: 'main', certificateId, caller: 'test' };
    const [{ accessId = '' } = {}] = requested;
    expect(accessId).toMatch(/^[0-9a-f-]{36}$/);
    expect(requested).toEqual([
      {
        ...{ ...access, accessId, offset: 0n, length: 0n, purpose: 'to see', action: 'waveform' },
        ...{ user: '', ticketId: '', clientAddress: '' },
      },
    ]);
    const outcome = { outcome: 'complete', bytes: 10n, code: '', failedCheck: '' };
    expect(ended).toEqual([{ ...access, accessId, ...outcome }]);
  });

  test('with a bit of it changed it does not, and which check failed is told to the record alone', async () => {
    const { recordingId, path } = await record(suite, plain, drawn);
    await bend(path, (manifest) => {
      const [media] = manifest.media;
      media?.waveform?.writeUInt8((media.waveform.at(-1) ?? 0) ^ 1, media.waveform.length - 1);
      return manifest;
    });
    const { waveformOf, play, ended, find } = player();
    const failure = await waveformOf(recordingId).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'DECRYPTION_FAILED' });
    expect(JSON.stringify(failure)).not.toContain('waveform');
    expect(ended).toMatchObject([{ outcome: 'failed', failedCheck: 'waveform', bytes: 0n }]);
    // The recording itself is as whole as before, and is looked for anew.
    expect((await taken(play(recordingId))).bytes.equals(plain)).toBe(true);
    expect(find).toHaveBeenCalledTimes(2);
  });

  test('of media that has none there is no record, and no key is used', async () => {
    const { recordingId } = await record(suite);
    const { waveformOf, requested, ended, deks } = player();
    await expect(waveformOf(recordingId)).rejects.toMatchObject({
      code: 'WAVEFORM_NOT_FOUND',
      details: { recording_id: recordingId, media_id: 'main' },
      fix: expect.stringContaining('WAV'),
    });
    expect([requested, ended, deks]).toEqual([[], [], []]);
  });
});

test.each(['pkcs7', 'cms'] as const)(
  '%s: one that was moved from another recording opens nowhere',
  async (suite) => {
    const [one, other] = [await record(suite, plain, drawn), await record(suite, plain, drawn)];
    const [mine] = parseManifest(other.manifest).media;
    await bend(one.path, (manifest) => ({
      ...manifest,
      media: manifest.media.map((media) => ({ ...media, waveform: mine?.waveform })) as Manifest['media'],
    }));
    await expect(player().waveformOf(one.recordingId)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  },
);

test('playing after it costs no RSA operation and no look-up, and the other way round', async () => {
  const { recordingId } = await record('pkcs7', plain, drawn);
  const { waveformOf, play, decryptKey, find } = player();
  const [before] = await Promise.all([waveformOf(recordingId), taken(play(recordingId))]);
  expect(before).toEqual(right);
  expect((await taken(play(recordingId))).bytes.equals(plain)).toBe(true);
  expect(await waveformOf(recordingId)).toEqual(right);
  expect([decryptKey.mock.calls.length, find.mock.calls.length]).toEqual([1, 1]);
  // Somebody else's session is his own.
  await waveformOf(recordingId, callerOf({ names: ['other'] }));
  expect(decryptKey).toHaveBeenCalledTimes(2);
});

test('another crypto server is asked for the key as for playing, which those of earlier versions know too', async () => {
  const { recordingId } = await record('pkcs7', plain, drawn);
  const findKey = vi.fn<FindMediaKey>(() =>
    Promise.reject(new AppError('KEY_NOT_HELD', 'No', { fix: 'Import.' })),
  );
  await expect(player({ findKey }).waveformOf(recordingId)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
  expect(findKey.mock.calls[0]?.[0]).toMatchObject({ action: 'play', purpose: 'to see', recordingId });
});

test('it does not leave before the record is durable, though it was opened meanwhile', async () => {
  const { recordingId } = await record('pkcs7', plain, drawn);
  const { waveformOf, audit, deks } = player();
  const onRecord = Promise.withResolvers<void>();
  audit.decryptRequested = () => onRecord.promise;
  const left = vi.fn();
  const waveform = waveformOf(recordingId).then(left);
  await vi.waitFor(() => expect(deks).toHaveLength(1));
  await new Promise(setImmediate);
  expect(left).not.toHaveBeenCalled();
  onRecord.resolve();
  await waveform;
  expect(left).toHaveBeenCalledWith(right);
});

test('what cannot be put on record is not given, and who may not asks for nothing', async () => {
  const { recordingId } = await record('pkcs7', plain, drawn);
  const { waveformOf, audit, authorise, requested, find, ended } = player();
  const unavailable = new AppError('AUDIT_UNAVAILABLE', 'No record', { fix: 'Wait.' });
  audit.decryptRequested = () => Promise.reject(unavailable);
  await expect(waveformOf(recordingId)).rejects.toBe(unavailable);
  expect(ended).toMatchObject([{ outcome: 'failed', bytes: 0n, code: 'AUDIT_UNAVAILABLE' }]);
  const refused = new AppError('PERMISSION_DENIED', 'Not he', { fix: 'Ask.' });
  authorise.mockRejectedValueOnce(refused);
  await expect(waveformOf(recordingId)).rejects.toBe(refused);
  expect([requested.length, find.mock.calls.length, ended.length]).toEqual([0, 1, 1]);
});

test('one that does not open counts as anything else that does not', async () => {
  const { recordingId, path } = await record('pkcs7', plain, drawn);
  await bend(path, (manifest) => ({
    ...manifest,
    media: manifest.media.map((media) => ({ ...media, waveform: Buffer.alloc(50) })) as Manifest['media'],
  }));
  const { waveformOf } = player();
  const codes: string[] = [];
  for (let i = 0; i < 31; i += 1)
    codes.push((await waveformOf(recordingId).catch((error: AppError) => error.code)) as string);
  expect(new Set(codes.slice(0, 30))).toEqual(new Set(['DECRYPTION_FAILED']));
  expect(codes[30]).toBe('TOO_MANY_FAILURES');
});
