import type {
  GetTimelineRequest,
  GetTimelineResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { timelineOf } from './domain/timeline.ts';
import type { AccessIndex, FailureIndex, RecordingIndex } from './ports.ts';
import { recordingNotFound } from './recording-not-found.ts';

interface Ports {
  readonly index: Pick<RecordingIndex, 'history'>;
  readonly failures: Pick<FailureIndex, 'of'>;
  readonly accesses: Pick<AccessIndex, 'counts'>;
}

/** RecordingService.GetTimeline. Throws RECORDING_NOT_FOUND when nothing is known of the id, not even that a capture failed. */
export function createGetTimeline({ index, failures, accesses }: Ports) {
  return async (request: GetTimelineRequest): Promise<GetTimelineResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const recordingId = parseRecordingId(request.recordingId);
    const [known, failed, counts] = await Promise.all([
      index.history(tenantId, recordingId),
      failures.of(tenantId, recordingId),
      accesses.counts(tenantId, recordingId),
    ]);
    const entries = timelineOf({ known, failures: failed, accesses: counts });
    if (entries.length === 0) throw recordingNotFound(recordingId);
    return { entries };
  };
}
