import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import type { RecordingEncrypted } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { Counter } from '@sealtrack/service-kit/metrics';
import type { Announcer, Clock, RecordingIndex } from './ports.ts';

/**
 * `events.<tenant>.recording.encrypted`: puts the recording into the index, then says `recording.stored`. A crash
 * between the two brings the event again, which changes nothing in the index and says it once more.
 */
export function createRecordEncrypted(
  index: RecordingIndex,
  announcer: Announcer,
  clock: Clock,
  indexed: Counter,
) {
  return async ({ data, subject, traceparent }: CloudEvent<RecordingEncrypted>): Promise<void> => {
    const tenantId = parseTenantId(data.tenantId);
    parseRecordingId(data.recordingId);
    // An entry stays as it came first, so a wrong one would keep the right one out for good.
    if (subject !== SUBJECTS.event(tenantId, 'recording', 'encrypted'))
      throw new AppError('INVALID_ARGUMENT', `The event names another tenant than ${subject}`, {
        fix: 'Publish it on events.<tenant_id>.recording.encrypted of its own body.',
        details: { field: 'tenant_id' },
      });
    const { recording, added } = await index.add(toRecording(data, clock()));
    if (added) indexed.add(1);
    await announcer.recordingStored(recording, traceparent);
  };
}

function toRecording(encrypted: RecordingEncrypted, storedAt: Date): Recording {
  const { tenantId, recordingId, profileId, startedAt, attributes, manifestKey, media } = encrypted;
  return { tenantId, recordingId, profileId, startedAt, storedAt, attributes, manifestKey, media };
}
