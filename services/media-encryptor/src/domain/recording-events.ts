import type {
  RecordingEncrypted,
  RecordingKeptInClear,
  RecordingQuarantined,
  RecordingRewrapped,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import type { Manifest } from '@sealtrack/envelope/manifest';
import type { MediaType } from '@sealtrack/ids/media-types';
import { parseMediaType } from './media-type.ts';
import { quarantineAlarm } from './quarantine-reason.ts';

/** All of them are made from the manifest alone, so that they can be said again after a crash. */

export const recordingEncrypted = (manifest: Manifest, manifestKey: string): RecordingEncrypted => ({
  ...recording(manifest, manifestKey),
  encryptedAt: new Date(manifest.encryptedAt),
  quarantineReason: manifest.quarantine?.reason ?? '',
});

export const recordingRewrapped = (manifest: Manifest, manifestKey: string): RecordingRewrapped => ({
  ...recording(manifest, manifestKey),
  encryptedAt: new Date(manifest.encryptedAt),
  rewrappedAt: new Date(manifest.rewrappedAt ?? manifest.encryptedAt),
});

/** Of a manifest with `inClear`. */
export const recordingKeptInClear = (manifest: Manifest, manifestKey: string): RecordingKeptInClear => ({
  ...recording(manifest, manifestKey),
  storedAt: new Date(manifest.encryptedAt),
  policy: manifest.inClear?.policy ?? '',
  reason: manifest.inClear?.reason ?? '',
});

/** Of a manifest with `quarantine`. */
export function recordingQuarantined(manifest: Manifest): RecordingQuarantined {
  const { tenantId, recordingId, profileId } = manifest;
  const reason = manifest.quarantine?.reason ?? '';
  const mediaType = mediaTypeOf(manifest);
  return {
    tenantId,
    recordingId,
    profileId,
    mediaType,
    quarantinedAt: new Date(manifest.quarantine?.since ?? manifest.encryptedAt),
    reason,
    ...quarantineAlarm({ profileId, mediaType, reason }),
  };
}

const recording = (manifest: Manifest, manifestKey: string) => ({
  tenantId: manifest.tenantId,
  recordingId: manifest.recordingId,
  profileId: manifest.profileId,
  startedAt: new Date(manifest.startedAt),
  capturedAt: manifest.capturedAt === undefined ? undefined : new Date(manifest.capturedAt),
  attributes: manifest.attributes,
  manifestKey,
  mediaType: mediaTypeOf(manifest),
  media: manifest.media.map((media) => ({
    mediaId: media.mediaId,
    contentType: media.contentType,
    suite: media.suite,
    plaintextSize: BigInt(media.plaintextSize),
    ciphertextSize: BigInt(media.ciphertextSize),
    certificateIds: media.certificateIds,
    hasWaveform: media.waveform !== undefined,
  })),
});

/** Older manifests do not say. */
const mediaTypeOf = ({ mediaType, media }: Manifest): MediaType =>
  mediaType ?? parseMediaType('', media[0]?.contentType ?? '');
