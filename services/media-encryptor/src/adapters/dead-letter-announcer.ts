import type { Bus } from '@sealtrack/bus/bus';
import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import type { DeadLetter } from '@sealtrack/bus/dead-letter-message';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { RecordingCaptured } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { SUBJECTS } from '@sealtrack/contracts/subjects';

/** `events.<tenant>.capture.dead-lettered`: the subject of the capture says whose it was, readable or not. */
export async function announceDeadLetter(
  bus: Bus,
  letter: DeadLetter,
  event: CloudEvent<RecordingCaptured> | undefined,
): Promise<void> {
  const [, tenantId = '', profileId = ''] = letter.subject.split('.');
  await publishEvent(bus, {
    subject: SUBJECTS.event(tenantId, 'capture', 'dead-lettered'),
    kind: EVENT_KINDS.captureDeadLettered,
    id: `dead-letter/${letter.sequence}/${letter.time.toISOString()}`,
    source: 'media-encryptor',
    data: {
      tenantId,
      profileId,
      recordingId: event?.data.recordingId ?? '',
      reason: letter.reason,
      message: letter.message,
      nextStep: letter.nextStep,
      deadLetter: BigInt(letter.sequence),
    },
    traceparent: event?.traceparent ?? '',
  });
}
