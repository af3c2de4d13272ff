import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import type { RecordingEncrypted } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import type { Counter } from '@sealtrack/service-kit/metrics';
import { parseTraceparent } from '@sealtrack/service-kit/trace';
import { checkSealed, checkSubject, recordingOf } from './domain/recording-event.ts';
import type { Announcer, Clock, RecordingIndex } from './ports.ts';

/**
 * `events.<tenant>.recording.encrypted`: puts the recording into the index, then says `recording.stored`. A crash
 * between the two brings the event again, which changes nothing in the index and says it once more. It is also said of a
 * recording that `recording.rewrapped` put there before: that event says nothing itself.
 */
export function createRecordEncrypted(
  index: RecordingIndex,
  announcer: Announcer,
  clock: Clock,
  indexed: Counter,
) {
  return async ({ data, subject, traceparent }: CloudEvent<RecordingEncrypted>): Promise<void> => {
    checkSubject(data, subject, 'encrypted');
    checkSealed(data);
    const traceId = parseTraceparent(traceparent)?.traceId ?? '';
    const { recording, added } = await index.add(recordingOf(data, clock(), traceId));
    if (added) indexed.add(1);
    await announcer.recordingStored(recording, traceparent);
  };
}
