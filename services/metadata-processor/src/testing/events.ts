import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import {
  CaptureDeadLettered,
  type EncryptedMedia,
  RecordingEncrypted,
  RecordingKeptInClear,
  RecordingRewrapped,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { TenantId } from '@sealtrack/ids/ids';

const startedAt = new Date('2026-01-01T10:00:00Z');
const attributes = { agent: 'Zoë' };
const common = (tenantId: TenantId, recordingId: string) => ({
  ...{ tenantId, recordingId, profileId: '101', startedAt, attributes, mediaType: 'voice' },
  manifestKey: `recordings/${tenantId}/${recordingId}/recording.json`,
});
const media = (suite: string, certificateIds: readonly string[]): EncryptedMedia[] => [
  {
    ...{ mediaId: 'main', contentType: 'audio/wav', plaintextSize: 480_000n, ciphertextSize: 480_016n },
    ...{ suite, certificateIds: [...certificateIds], hasWaveform: false },
  },
];

export const encrypted = (
  tenantId: TenantId,
  recordingId: string,
  certificateIds: readonly string[],
  quarantineReason = '',
): RecordingEncrypted =>
  RecordingEncrypted.fromPartial({
    ...common(tenantId, recordingId),
    ...{ encryptedAt: startedAt, media: media('pkcs7', certificateIds), quarantineReason },
  });

export const rewrapped = (
  tenantId: TenantId,
  recordingId: string,
  certificateIds: readonly string[],
  rewrappedAt: Date,
): RecordingRewrapped =>
  RecordingRewrapped.fromPartial({
    ...common(tenantId, recordingId),
    ...{ encryptedAt: startedAt, media: media('pkcs7', certificateIds), rewrappedAt },
  });

export const keptInClear = (tenantId: TenantId, recordingId: string): RecordingKeptInClear =>
  RecordingKeptInClear.fromPartial({
    ...common(tenantId, recordingId),
    ...{ storedAt: startedAt, media: media('clear', []), policy: 'off', reason: 'policy-off' },
  });

export const givenUp = (
  tenantId: TenantId,
  recordingId: string,
  deadLetter: number,
  profileId = '101',
): CaptureDeadLettered =>
  CaptureDeadLettered.fromPartial({
    ...{ tenantId, recordingId, profileId, deadLetter: BigInt(deadLetter), reason: 'PROFILE_NOT_FOUND' },
    ...{ message: `There is no profile ${profileId}`, nextStep: 'Create it.' },
  });

/** As a handler gets it, on the subject of its own tenant unless told. */
export const delivered = <T extends { readonly tenantId: string }>(
  data: T,
  happened: string,
  tenantId = data.tenantId,
): CloudEvent<T> => ({
  ...{ id: '1', type: '', source: 'media-encryptor', time: startedAt, traceparent: '', data },
  subject: SUBJECTS.event(tenantId, 'recording', happened),
});
