import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import type { RecordingRewrapped } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import type { Counter } from '@sealtrack/service-kit/metrics';
import { checkRecipients, checkSealed, checkSubject, recordingOf } from './domain/recording-event.ts';
import type { Clock, RecordingIndex } from './ports.ts';

/**
 * `events.<tenant>.recording.rewrapped`: the recording is counted with its new certificates instead of those it had, in
 * one step. It may come before `recording.encrypted`, and then puts the recording into the index; that it is stored is
 * said when that event comes, so that a crash here leaves nothing unsaid.
 */
export function createRecordRewrapped(index: RecordingIndex, clock: Clock, indexed: Counter) {
  return async ({ data, subject }: CloudEvent<RecordingRewrapped>): Promise<void> => {
    checkSubject(data, subject, 'rewrapped');
    checkSealed(data);
    checkRecipients(data);
    if (data.rewrappedAt === undefined)
      throw new AppError('INVALID_ARGUMENT', 'It does not say when the recording was re-wrapped', {
        fix: 'Set rewrapped_at: of two that are said of a recording, the later one counts.',
        details: { field: 'rewrapped_at' },
      });
    // The trace is that of the re-wrapping: the event of the encryption brings its own.
    const { added } = await index.rewrap(recordingOf(data, clock(), ''));
    if (added) indexed.add(1);
  };
}
