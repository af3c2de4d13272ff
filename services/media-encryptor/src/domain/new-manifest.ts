import type { ClearMedia } from '@sealtrack/envelope/clear-media';
import { fingerprint } from '@sealtrack/envelope/fingerprint';
import type { Manifest } from '@sealtrack/envelope/manifest';
import type { SealedMedia } from '@sealtrack/envelope/sealed-media';
import type { Attempt } from './attempt.ts';
import type { CaptureHeader } from './capture-header.ts';
import type { Protection } from './choose-protection.ts';

export function newManifest(
  header: CaptureHeader,
  capturedAt: Date,
  attempt: Attempt,
  protection: Protection,
  kept: SealedMedia | ClearMedia,
): Manifest {
  const { mediaId, contentType } = header;
  const naming = { mediaId, contentType, ciphertext: attempt.ciphertextName };
  return {
    format: 'sealtrack.recording.v1',
    tenantId: header.tenantId,
    recordingId: header.recordingId,
    profileId: header.profileId,
    mediaType: header.mediaType,
    startedAt: header.startedAt.toISOString(),
    capturedAt: capturedAt.toISOString(),
    encryptedAt: attempt.startedAt,
    attributes: { ...header.attributes },
    fingerprint: fingerprint(header),
    ...exception(protection, attempt),
    media: [
      kept.suite === 'clear'
        ? { ...naming, certificateIds: [], ...kept }
        : { ...naming, certificateIds: recipientIds(protection), ...kept },
    ],
  };
}

const recipientIds = (protection: Protection) =>
  protection.kind === 'clear' ? [] : protection.recipients.map(({ certificateId }) => certificateId);

function exception(protection: Protection, { startedAt }: Attempt): Pick<Manifest, 'quarantine' | 'inClear'> {
  switch (protection.kind) {
    case 'sealed':
      return {};
    case 'held':
      return { quarantine: { reason: protection.reason, since: startedAt } };
    case 'clear':
      return { inClear: { policy: protection.policy, reason: protection.reason } };
  }
}
