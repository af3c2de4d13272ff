import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { formatBytes, formatTime } from '../units.ts';

/** As --json has it. */
export const toView = (recording: Recording) => {
  const { recordingId, profileId, startedAt, storedAt, attributes, media } = recording;
  const { mediaType, quarantineReason, rewrappedAt, capturedAt, encryptedAt, traceId } = recording;
  return {
    ...{ recordingId, profileId, mediaType, startedAt, capturedAt, encryptedAt, storedAt, rewrappedAt },
    ...{ traceId, quarantineReason, attributes, media },
  };
};

export const HEADS = ['RECORDING', 'PROFILE', 'STARTED', 'MEDIA', 'TYPE', 'SIZE', 'PROTECTION'];

/** A row for each media file, below HEADS. */
export const toRows = (recording: Recording): string[][] =>
  recording.media.map((media) => [
    recording.recordingId,
    recording.profileId,
    formatTime(recording.startedAt),
    media.mediaId,
    media.contentType,
    formatBytes(media.plaintextSize),
    protectionOf(recording.quarantineReason, media.suite),
  ]);

export function protectionOf(quarantineReason: string, suite: string): string {
  if (suite === 'clear') return 'in clear';
  return quarantineReason === '' ? suite : `quarantined: ${quarantineReason}`;
}
