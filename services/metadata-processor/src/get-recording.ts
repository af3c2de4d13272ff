import type {
  GetRecordingRequest,
  GetRecordingResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { RecordingIndex } from './ports.ts';
import { recordingNotFound } from './recording-not-found.ts';

/** RecordingService.GetRecording. */
export function createGetRecording(index: Pick<RecordingIndex, 'get'>) {
  return async (request: GetRecordingRequest): Promise<GetRecordingResponse> => {
    const recordingId = parseRecordingId(request.recordingId);
    const recording = await index.get(parseTenantId(request.tenantId), recordingId);
    if (recording === undefined) throw recordingNotFound(recordingId);
    return { recording };
  };
}
