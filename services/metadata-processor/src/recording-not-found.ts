import { AppError } from '@sealtrack/errors/app-error';
import type { RecordingId } from '@sealtrack/ids/ids';

export const recordingNotFound = (recordingId: RecordingId): AppError =>
  new AppError('RECORDING_NOT_FOUND', `There is no recording ${recordingId}`, {
    fix: 'Check tenant and id: sealtrack recordings list. A recording can be found as soon as recording.stored was said.',
    details: { recording_id: recordingId },
  });
