import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Metrics } from '@sealtrack/service-kit/metrics';
import { type Caller, callerKey, callerText } from './caller-context.ts';
import { createFailureBudget } from './domain/failure-budget.ts';
import type { OnBehalfOf } from './key-use.ts';

/** Who uses a key: the caller, and whoever it plays for, so that one of those does not use up what all of them have. */
export interface KeyUser {
  readonly caller: Caller;
  readonly onBehalfOf: Pick<OnBehalfOf, 'user'>;
}

/** How much may fail of what somebody has decrypted with a key. The key itself stays in use for everybody else. */
export interface Failures {
  /** Before something is tried. @throws AppError TOO_MANY_FAILURES. */
  check(user: KeyUser, certificateId: CertificateId | ''): void;
  /** What it failed with: counts when that says that something did not decrypt. */
  note(user: KeyUser, certificateId: CertificateId | '', error: unknown): void;
}

export interface FailuresOptions {
  readonly perMinute: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** The session key, unless too much has failed for whoever wants it. @throws AppError TOO_MANY_FAILURES, and as `dek`. */
export async function countingFailures(
  failures: Failures,
  user: KeyUser,
  certificateId: CertificateId,
  dek: () => Promise<Buffer>,
): Promise<Buffer> {
  failures.check(user, certificateId);
  try {
    return await dek();
  } catch (error) {
    failures.note(user, certificateId, error);
    throw error;
  }
}

/** Media that is stored in clear takes no key, and is not counted. */
export function createFailures({ perMinute, now, metrics, log }: FailuresOptions): Failures {
  const budget = createFailureBudget(perMinute, now);
  const failed = metrics.counter(
    'sealtrack_decryptions_failed_total',
    'Accesses to encrypted media that did not decrypt',
  );
  const refused = metrics.counter(
    'sealtrack_failing_callers_refused_total',
    'Accesses that were not tried, since too much had failed for this caller with this key',
  );
  return {
    check(user, certificateId) {
      if (certificateId === '') return;
      const waitMs = budget.waitMs(idOf(user, certificateId));
      if (waitMs === 0) return;
      refused.add(1);
      throw tooMany(waitMs, certificateId);
    },
    note(user, certificateId, error) {
      if (certificateId === '' || !isOfDecryption(error)) return;
      failed.add(1);
      const id = idOf(user, certificateId);
      const before = budget.waitMs(id);
      budget.failed(id);
      // Once for each time that it is used up.
      if (before === 0 && budget.waitMs(id) > 0)
        log.warn(
          { caller: callerText(user.caller), certificateId, perMinute },
          'too much fails to decrypt for this caller with this key: it has to wait',
        );
    },
  };
}

const isOfDecryption = (error: unknown): boolean =>
  hasCode(error, 'DECRYPTION_FAILED') || hasCode(error, 'ENVELOPE_INVALID');

const idOf = ({ caller, onBehalfOf }: KeyUser, certificateId: CertificateId): string =>
  JSON.stringify([callerKey(caller), onBehalfOf.user, certificateId]);

const tooMany = (waitMs: number, certificateId: CertificateId) =>
  new AppError('TOO_MANY_FAILURES', 'Too much failed to decrypt with this key for this caller lately', {
    fix: 'Find out what does not decrypt, and who asks for it: the audit says both (sealtrack audit search). Ask again after the retry_after_ms of the details.',
    details: { certificate_id: certificateId, retry_after_ms: String(waitMs) },
  });
