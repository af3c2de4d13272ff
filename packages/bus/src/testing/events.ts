import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { RecordingCaptured } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Bus } from '../bus.ts';
import { type PublishReceipt, publishEvent } from '../publish.ts';

export const capture = (recordingId: string) =>
  RecordingCaptured.fromPartial({
    tenantId: 'demo',
    profileId: '101',
    recordingId,
    object: { bucket: 'captures', name: recordingId },
  });

export const publishCapture = (bus: Bus, recordingId: string, profileId = '101'): Promise<PublishReceipt> =>
  publishEvent(bus, {
    subject: SUBJECTS.capture('demo', profileId),
    kind: EVENT_KINDS.recordingCaptured,
    id: `captured:${recordingId}`,
    source: 'pipeline',
    data: capture(recordingId),
  });

/** Resolves when the condition holds; the test's own time limit ends the waiting. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
