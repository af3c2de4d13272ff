import type {
  CountRecordingsRequest,
  CountRecordingsResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCertificateId, parseTenantId } from '@sealtrack/ids/parse';
import type { CountOlder } from './count-older.ts';
import type { CertificateIndex } from './ports.ts';

/**
 * RecordingService.CountRecordings. The count is that of the index: a recording whose event is on its way is not in it
 * yet, and one that was given to other certificates behind the index's back (`sealtrack envelope rewrap`) counts with
 * those it had. Throws INDEX_UNAVAILABLE rather than answer too low while recordings of an older version are counted.
 */
export function createCountRecordings(index: CertificateIndex, countOlder: CountOlder) {
  return async (request: CountRecordingsRequest): Promise<CountRecordingsResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const certificateId = parseCertificateId(request.certificateId);
    const recordings = await index.count(tenantId, certificateId);
    if (recordings !== undefined) return { recordings: BigInt(recordings) };
    void countOlder.of(tenantId);
    throw new AppError('INDEX_UNAVAILABLE', 'Recordings of an older version are still being counted', {
      fix: 'Wait, and try again in a minute. The log of metadata-processor says when they are all counted.',
      details: { tenant_id: tenantId },
    });
  };
}
