import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import type { RecordingKeptInClear } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import type { Counter } from '@sealtrack/service-kit/metrics';
import { parseTraceparent } from '@sealtrack/service-kit/trace';
import { checkClear, checkSubject, recordingOf } from './domain/recording-event.ts';
import type { Announcer, Clock, RecordingIndex } from './ports.ts';

/**
 * `events.<tenant>.recording.kept-in-clear`: as `recording.encrypted`, of a recording that is stored as it is. The entry
 * is what lets a crypto server play it, so one that is there as sealed stays so.
 */
export function createRecordKeptInClear(
  index: RecordingIndex,
  announcer: Announcer,
  clock: Clock,
  indexed: Counter,
) {
  return async ({ data, subject, traceparent }: CloudEvent<RecordingKeptInClear>): Promise<void> => {
    checkSubject(data, subject, 'kept-in-clear');
    checkClear(data);
    const traceId = parseTraceparent(traceparent)?.traceId ?? '';
    const { recording, added } = await index.add(recordingOf(data, clock(), traceId));
    if (added) indexed.add(1);
    await announcer.recordingStored(recording, traceparent);
  };
}
