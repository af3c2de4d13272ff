import type {
  FailedCapture as FailedMessage,
  Media as MediaMessage,
  Recording as RecordingMessage,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { isMediaType } from '@sealtrack/ids/media-types';
import type { FailedCapture, Media, Recording } from '../api/recordings.ts';
import { textOrNull, timeOf, timeOrNull } from './times.ts';

export const describeRecording = (recording: RecordingMessage): Recording => ({
  ...{ recordingId: recording.recordingId, profileId: recording.profileId },
  mediaType: isMediaType(recording.mediaType) ? recording.mediaType : '',
  startedAt: timeOf(recording.startedAt),
  ...{ capturedAt: timeOrNull(recording.capturedAt), encryptedAt: timeOrNull(recording.encryptedAt) },
  ...{ storedAt: timeOf(recording.storedAt), rewrappedAt: timeOrNull(recording.rewrappedAt) },
  attributes: recording.attributes,
  quarantineReason: textOrNull(recording.quarantineReason),
  traceId: textOrNull(recording.traceId),
  media: recording.media.map(describeMedia),
});

const describeMedia = (media: MediaMessage): Media => ({
  ...{ mediaId: media.mediaId, contentType: media.contentType, suite: media.suite },
  plaintextSize: Number(media.plaintextSize),
  ciphertextSize: Number(media.ciphertextSize),
  ...{ certificateIds: media.certificateIds, hasWaveform: media.hasWaveform },
});

export const describeFailedCapture = (capture: FailedMessage): FailedCapture => ({
  ...{ recordingId: textOrNull(capture.recordingId), profileId: capture.profileId },
  ...{ reason: capture.reason, message: capture.message, nextStep: capture.nextStep },
  ...{ deadLetter: Number(capture.deadLetter), failedAt: timeOf(capture.failedAt) },
  traceId: textOrNull(capture.traceId),
});
