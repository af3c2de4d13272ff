import type { Manifest } from '@sealtrack/envelope/manifest';
import {
  parseCertificateId,
  parseMediaId,
  parseProfileId,
  parseRecordingId,
  parseTenantId,
} from '@sealtrack/ids/parse';
import { expect, test } from 'vitest';
import {
  recordingEncrypted,
  recordingKeptInClear,
  recordingQuarantined,
  recordingRewrapped,
} from './recording-events.ts';

const certificateId = parseCertificateId('a'.repeat(64));
const [startedAt, encryptedAt, later] = [1, 2, 3].map((day) => `2026-01-0${day}T00:00:00.000Z`) as [
  string,
  string,
  string,
];
const capturedAt = '2026-01-01T00:00:01.000Z';
const media = { mediaId: parseMediaId('main'), contentType: 'video/mp4', ciphertext: 'main.enc' };
const sums = {
  plaintextSize: 5,
  ciphertextSize: 16,
  tags: Buffer.alloc(16),
  checksum: `gmac0:${'0'.repeat(32)}`,
};
const sealed = { suite: 'pkcs7', envelope: Buffer.alloc(1), envelopeMac: Buffer.alloc(32) } as const;
const manifest: Manifest = {
  ...{
    format: 'sealtrack.recording.v1',
    tenantId: parseTenantId('demo'),
    recordingId: parseRecordingId('call-1'),
  },
  ...{ profileId: parseProfileId('101'), mediaType: 'digital', startedAt, capturedAt, encryptedAt },
  ...{ attributes: { agent: '7' }, fingerprint: '0'.repeat(64) },
  media: [{ ...media, ...sums, ...sealed, certificateIds: [certificateId] }],
};
const inClear: Manifest = {
  ...{ ...manifest, inClear: { policy: 'optional', reason: 'expired' } },
  media: [{ ...media, ...sums, suite: 'clear', ciphertextSize: 5, certificateIds: [] }],
};
const quarantine = { reason: 'revoked', since: later };
const { mediaType: _, capturedAt: __, ...older } = manifest;

const said = {
  ...{ tenantId: 'demo', recordingId: 'call-1', profileId: '101', mediaType: 'digital', manifestKey: 'a/b' },
  ...{ startedAt: new Date(startedAt), capturedAt: new Date(capturedAt), attributes: { agent: '7' } },
  media: [
    {
      ...{ mediaId: 'main', contentType: 'video/mp4', suite: 'pkcs7', certificateIds: [certificateId] },
      ...{ plaintextSize: 5n, ciphertextSize: 16n, hasWaveform: false },
    },
  ],
};

test('events say what the manifest says', () => {
  const encrypted = { ...said, encryptedAt: new Date(encryptedAt) };
  expect(recordingEncrypted(manifest, 'a/b')).toEqual({ ...encrypted, quarantineReason: '' });
  expect(recordingEncrypted({ ...manifest, quarantine }, 'a/b')).toEqual({
    ...{ ...encrypted, quarantineReason: 'revoked' },
  });
  expect(recordingRewrapped({ ...manifest, rewrappedAt: later }, 'a/b')).toEqual({
    ...{ ...encrypted, rewrappedAt: new Date(later) },
  });
  expect(recordingKeptInClear(inClear, 'a/b')).toEqual({
    ...{ ...said, storedAt: new Date(encryptedAt), policy: 'optional', reason: 'expired' },
    media: [{ ...said.media[0], suite: 'clear', ciphertextSize: 5n, certificateIds: [] }],
  });
  expect(recordingQuarantined({ ...manifest, quarantine })).toEqual({
    ...{ tenantId: 'demo', recordingId: 'call-1', profileId: '101', mediaType: 'digital', reason: 'revoked' },
    quarantinedAt: new Date(later),
    message: expect.stringContaining('for digital'),
    nextStep: expect.stringContaining('sealtrack profiles assign 101'),
  });
});

test('events say of which media there is a waveform', () => {
  const [first] = manifest.media;
  const drawn = { ...first, mediaId: parseMediaId('drawn'), waveform: Buffer.alloc(1) } as typeof first;
  const both = { ...manifest, media: [first, drawn] } as Manifest;
  expect(recordingEncrypted(both, 'a/b').media.map(({ hasWaveform }) => hasWaveform)).toEqual([false, true]);
});

test('of an older manifest the content type says which media type it is, and nothing when it was handed over', () => {
  expect(recordingEncrypted(older, 'a/b').capturedAt).toBeUndefined();
  expect(recordingEncrypted(older, 'a/b').mediaType).toBe('screen');
  expect(recordingQuarantined({ ...older, quarantine }).mediaType).toBe('screen');
});
