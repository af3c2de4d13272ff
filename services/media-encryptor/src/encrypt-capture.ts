import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import type { RecordingCaptured } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { BUCKETS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { continueTrace } from '@sealtrack/service-kit/trace';
import { parseCaptureHeader } from './domain/capture-header.ts';
import { capturedAt } from './domain/captured-at.ts';
import type { EncryptRecording } from './encrypt-recording.ts';
import type { Media } from './media.ts';
import type { Clock } from './ports.ts';

/** Media that pipelines put into the bus's Object Store. */
export interface CapturedMedia {
  /** Throws MEDIA_UNREADABLE when there is no such object, or, at its end, when it is damaged. */
  get(name: string): Promise<Media>;
  /** Gone or not, it is not there afterwards. */
  delete(name: string): Promise<void>;
}

/**
 * `captures.<tenant>.<profile>`: encrypts the media the event points to. The object goes only when the ciphertext is
 * durable, and the event is acknowledged only then: a crash in between brings the event again, to find it all done.
 */
export function createEncryptCapture(encrypt: EncryptRecording, captured: CapturedMedia, clock: Clock) {
  return async (event: CloudEvent<RecordingCaptured>, { signal }: { signal: AbortSignal }): Promise<void> => {
    const header = parseCaptureHeader(event.data);
    // The subject is what a pipeline's credentials allow it, so the body may not say otherwise.
    if (event.subject !== SUBJECTS.capture(header.tenantId, header.profileId))
      throw new AppError(
        'INVALID_ARGUMENT',
        `The capture names another tenant or profile than ${event.subject}`,
        {
          fix: 'Publish the capture on captures.<tenant_id>.<profile_id> of its own body.',
        },
      );
    const name = objectName(event.data);
    const traceparent = continueTrace(event.traceparent);
    const context = { signal, traceparent, capturedAt: capturedAt(event.time, clock()) };
    await encrypt(header, () => captured.get(name), context);
    await captured.delete(name);
  };
}

/** All tenants share the bucket, so a name says whose it is: nobody has another's media encrypted, or deleted. */
function objectName({ tenantId, object }: RecordingCaptured): string {
  const own = `${tenantId}/`;
  const { bucket, name = '' } = object ?? {};
  if (bucket === BUCKETS.captures && name.startsWith(own) && name.length > own.length) return name;
  throw new AppError('INVALID_ARGUMENT', 'The capture does not point to media of its tenant', {
    fix: `Put the media into the Object Store bucket "${BUCKETS.captures}" under a name that begins with <tenant_id>/, and give both in object.bucket and object.name.`,
    details: { field: 'object' },
  });
}
