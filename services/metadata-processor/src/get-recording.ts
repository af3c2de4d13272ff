import type {
  GetRecordingRequest,
  GetRecordingResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { RecordingIndex } from './ports.ts';

/** RecordingService.GetRecording. */
export function createGetRecording(index: RecordingIndex) {
  return async (request: GetRecordingRequest): Promise<GetRecordingResponse> => {
    const recordingId = parseRecordingId(request.recordingId);
    const recording = await index.get(parseTenantId(request.tenantId), recordingId);
    if (recording === undefined)
      throw new AppError('RECORDING_NOT_FOUND', `There is no recording ${recordingId}`, {
        fix: 'Check tenant and id: sealtrack recordings list. A recording can be found as soon as recording.stored was said.',
        details: { recording_id: recordingId },
      });
    return { recording };
  };
}
