import type { RecordingEncrypted } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import type { Manifest } from '@sealtrack/envelope/manifest';

/** The event is made from the manifest alone, so that it can be said again after a crash. */
export function recordingEncrypted(manifest: Manifest, manifestKey: string): RecordingEncrypted {
  return {
    tenantId: manifest.tenantId,
    recordingId: manifest.recordingId,
    profileId: manifest.profileId,
    startedAt: new Date(manifest.startedAt),
    encryptedAt: new Date(manifest.encryptedAt),
    attributes: manifest.attributes,
    manifestKey,
    media: manifest.media.map((media) => ({
      mediaId: media.mediaId,
      contentType: media.contentType,
      suite: media.suite,
      plaintextSize: BigInt(media.plaintextSize),
      ciphertextSize: BigInt(media.ciphertextSize),
      certificateIds: media.certificateIds,
    })),
  };
}
