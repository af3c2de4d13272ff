import type { RecordingServiceClient } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import type { RecordingCounter, RecordingDirectory } from '../ports.ts';

interface WithSignal {
  signal?: AbortSignal;
}

/** Asks the metadata processor. */
export function createMetadataDirectory(
  metadata: Pick<RecordingServiceClient<WithSignal>, 'getRecording' | 'countRecordings'>,
): RecordingDirectory & RecordingCounter {
  return {
    async find(tenantId, recordingId, signal) {
      const { recording } = await metadata.getRecording({ tenantId, recordingId }, { signal });
      if (recording !== undefined && recording.manifestKey !== '') {
        const { manifestKey, media } = recording;
        return { manifestKey, suites: new Map(media.map(({ mediaId, suite }) => [mediaId, suite])) };
      }
      throw new AppError('INTERNAL', 'The index answered without a manifest', {
        fix: 'Upgrade metadata-processor to the version of this crypto-server.',
      });
    },
    async count(tenantId, certificateId) {
      return (await metadata.countRecordings({ tenantId, certificateId })).recordings;
    },
  };
}
