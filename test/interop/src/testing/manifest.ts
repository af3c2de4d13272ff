import type { Manifest } from '@sealtrack/envelope/manifest';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { BOUND_TO, type Sealed } from './media.ts';
import type { Owner } from './owners.ts';

/** As the encryptor writes it. */
export function manifestOf({ ciphertext: _, ...sealed }: Sealed, owners: readonly Owner[]): Manifest {
  const [tenantId = '', recordingId = '', mediaId = '', contentType = ''] = BOUND_TO;
  return {
    format: 'sealtrack.recording.v1',
    tenantId: parseTenantId(tenantId),
    recordingId: parseRecordingId(recordingId),
    profileId: parseProfileId('101'),
    startedAt: '2026-03-01T12:00:00.000Z',
    encryptedAt: '2026-03-01T12:01:00.000Z',
    attributes: {},
    fingerprint: '0'.repeat(64),
    media: [
      {
        ...sealed,
        mediaId: parseMediaId(mediaId),
        contentType,
        ciphertext: 'main.enc',
        certificateIds: owners.map(({ certificate }) => certificate.certificateId),
      },
    ],
  };
}
