import type {
  RecordingEncrypted,
  RecordingKeptInClear,
  RecordingRewrapped,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';

/** The suite of media that is stored as it is. */
const CLEAR = 'clear';

type RecordingEvent = RecordingEncrypted | RecordingKeptInClear | RecordingRewrapped;

/**
 * Throws INVALID_ARGUMENT for malformed ids, and for an event on the subject of another tenant or of something else that
 * happened: an entry stays as it came first, so a wrong one would keep the right one out for good.
 */
export function checkSubject(data: RecordingEvent, subject: string, happened: string): void {
  const tenantId = parseTenantId(data.tenantId);
  parseRecordingId(data.recordingId);
  if (subject !== SUBJECTS.event(tenantId, 'recording', happened))
    throw new AppError('INVALID_ARGUMENT', `The event names another tenant than ${subject}`, {
      fix: `Publish it on events.<tenant_id>.recording.${happened} of its own body.`,
      details: { field: 'tenant_id' },
    });
}

/** What is played in clear is played because the index says that it is, so only the event for that may say so. */
export function checkSealed({ media }: RecordingEvent): void {
  if (media.some(({ suite }) => suite === CLEAR))
    throw wrongMedia('It says that a recording is sealed, of media that is in clear');
}

/** One that is sealed to nothing would not be counted where it was, and what it needs could be deleted. */
export function checkRecipients({ media }: RecordingEvent): void {
  if (media.length === 0 || media.some(({ certificateIds }) => certificateIds.length === 0))
    throw wrongMedia('It does not say for which certificates the recording was sealed');
}

/** One that names certificates would keep them from being deleted, and count as sealed to them. */
export function checkClear({ media }: RecordingEvent): void {
  if (!media.every(({ suite, certificateIds }) => suite === CLEAR && certificateIds.length === 0))
    throw wrongMedia('It says that a recording is in clear, of media that is sealed');
}

const wrongMedia = (message: string): AppError =>
  new AppError('INVALID_ARGUMENT', message, {
    fix: 'See who published it: only media-encryptor does. The recording itself is in the media store.',
    details: { field: 'media' },
  });

/**
 * The entry in the index that an event makes; each carries all of it, so that they can come in any order.
 * @param traceId of the recording's encryption; empty when it is not known.
 */
export function recordingOf(event: RecordingEvent, storedAt: Date, traceId: string): Recording {
  const { tenantId, recordingId, profileId, startedAt, attributes, manifestKey, media, mediaType } = event;
  return {
    ...{ tenantId, recordingId, profileId, startedAt, storedAt, attributes, manifestKey, media, mediaType },
    ...{ capturedAt: event.capturedAt, traceId },
    encryptedAt: 'encryptedAt' in event ? event.encryptedAt : undefined,
    quarantineReason: 'quarantineReason' in event ? event.quarantineReason : '',
    rewrappedAt: 'rewrappedAt' in event ? event.rewrappedAt : undefined,
  };
}

/**
 * Whether the one was sealed to its certificates after the other: of those that were re-wrapped the later, and any of them
 * after one that never was. Of two that say the same moment, the one that is there stays.
 */
export const isNewer = (recording: Recording, than: Recording): boolean =>
  (recording.rewrappedAt?.getTime() ?? Number.NEGATIVE_INFINITY) >
  (than.rewrappedAt?.getTime() ?? Number.NEGATIVE_INFINITY);
