import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import type { CaptureDeadLettered } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { isRecordingId, type TenantId } from '@sealtrack/ids/ids';
import { parseTenantId } from '@sealtrack/ids/parse';
import { parseTraceparent } from '@sealtrack/service-kit/trace';
import { atMostEvery } from './at-most-every.ts';
import type { Clock, FailureIndex } from './ports.ts';

const FORGET_EVERY_MS = 60_000;

/**
 * `events.<tenant>.capture.dead-lettered`: a capture waits for somebody. It is known by its recording; without an id that can be one,
 * by its dead letter alone. Those whose dead letter is gone are forgotten now and then, so that they do not become ever more.
 */
export function createRecordGivenUp(failures: Pick<FailureIndex, 'add' | 'forgetGone'>, clock: Clock) {
  const forgetGone = atMostEvery(
    FORGET_EVERY_MS,
    (tenantId: TenantId) => failures.forgetGone(tenantId),
    () => clock().getTime(),
  );
  return async ({ data, subject, time, traceparent }: CloudEvent<CaptureDeadLettered>): Promise<void> => {
    const tenantId = parseTenantId(data.tenantId);
    if (subject !== SUBJECTS.event(tenantId, 'capture', 'dead-lettered'))
      throw new AppError('INVALID_ARGUMENT', `The event names another tenant than ${subject}`, {
        fix: 'Publish it on events.<tenant_id>.capture.dead-lettered of its own body.',
        details: { field: 'tenant_id' },
      });
    const { profileId, reason, message, nextStep, deadLetter } = data;
    await failures.add({
      ...{ tenantId, profileId, reason, message, nextStep, deadLetter },
      recordingId: isRecordingId(data.recordingId) ? data.recordingId : '',
      failedAt: time,
      traceId: parseTraceparent(traceparent)?.traceId ?? '',
    });
    await forgetGone(tenantId);
  };
}
