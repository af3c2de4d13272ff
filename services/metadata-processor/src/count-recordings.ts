import type {
  CountRecordingsOfEachRequest,
  CountRecordingsOfEachResponse,
  CountRecordingsRequest,
  CountRecordingsResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCertificateIds, parseTenantId } from '@sealtrack/ids/parse';
import type { CountOlder } from './count-older.ts';
import type { CertificateIndex } from './ports.ts';

/**
 * RecordingService.CountRecordings. The count is that of the index: a recording whose event is on its way is not in it
 * yet, and one that was given to other certificates behind the index's back (`sealtrack envelope rewrap`) counts with
 * those it had. Throws INDEX_UNAVAILABLE rather than answer too low while recordings of an older version are counted.
 */
export function createCountRecordings(index: CertificateIndex, countOlder: CountOlder) {
  const countEach = createCountRecordingsOfEach(index, countOlder);
  return async ({ tenantId, certificateId }: CountRecordingsRequest): Promise<CountRecordingsResponse> => {
    const { recordings } = await countEach({ tenantId, certificateIds: [certificateId] });
    return { recordings: recordings[0] ?? 0n };
  };
}

/** RecordingService.CountRecordingsOfEach: the same for up to 500 certificates, in the order asked for. */
export function createCountRecordingsOfEach(index: CertificateIndex, countOlder: CountOlder) {
  return async (request: CountRecordingsOfEachRequest): Promise<CountRecordingsOfEachResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const certificateIds = parseCertificateIds(request.certificateIds);
    const counts = await index.countEach(tenantId, certificateIds);
    if (counts !== undefined) return { recordings: counts.map(BigInt) };
    void countOlder.of(tenantId);
    throw new AppError('INDEX_UNAVAILABLE', 'Recordings of an older version are still being counted', {
      fix: 'Wait, and try again in a minute. The log of metadata-processor says when they are all counted.',
      details: { tenant_id: tenantId },
    });
  };
}
