import { failedCheckOf } from '@sealtrack/envelope/failures';
import type { Log } from '@sealtrack/service-kit/logger';
import type { AuditTrail } from './ports.ts';

export interface FailedAccess {
  readonly tenantId: string;
  readonly recordingId: string;
  readonly mediaId: string;
  readonly certificateId: string;
  readonly caller: string;
}

export type RecordFailure = (access: FailedAccess, error: unknown, traceparent: string) => Promise<void>;

/** Puts on record which check a DECRYPTION_FAILED stands for. Never throws: whoever asked gets that error either way. */
export function createRecordFailure(audit: Pick<AuditTrail, 'decryptFailed'>, log: Log): RecordFailure {
  return async (access, error, traceparent) => {
    const failed = failedCheckOf(error);
    if (failed === undefined) return;
    const { check: failedCheck, segment } = failed;
    const where = segment === undefined ? {} : { segment: BigInt(segment) };
    await audit
      .decryptFailed({ ...access, failedCheck, ...where }, traceparent)
      .catch((cause: unknown) =>
        log.warn({ err: cause, recordingId: access.recordingId }, 'failed decryption not put on record'),
      );
  };
}
