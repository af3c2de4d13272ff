import type { Log } from '@sealtrack/service-kit/logger';
import type { Counter } from '@sealtrack/service-kit/metrics';
import type { CaptureHeader } from './domain/capture-header.ts';
import type { Judged } from './domain/choose-recipients.ts';
import { type UNUSABLE, unusableBecause } from './domain/quarantine-reason.ts';
import type { Clock } from './ports.ts';

export type ReportLeftOut = (
  header: Pick<CaptureHeader, 'tenantId' | 'profileId' | 'mediaType'>,
  leftOut: readonly Judged[],
) => void;

const AGAIN_AFTER_MS = 60 * 60 * 1000;
/** Warnings remembered; one that was forgotten is said again. */
const REMEMBERED = 10_000;

export interface ReportLeftOutDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly leftOut: Counter<{ problem: typeof UNUSABLE }>;
}

/** Counts every certificate that a recording is not sealed to and was to be; in the log once an hour for each. */
export function createReportLeftOut({ log, clock, leftOut: counter }: ReportLeftOutDeps): ReportLeftOut {
  const said = new Map<string, number>();
  return ({ tenantId, profileId, mediaType }, leftOut) => {
    for (const { certificate, problem } of leftOut) {
      counter.add(1, { problem: unusableBecause(problem) });
      const { certificateId } = certificate;
      const what = `${tenantId}/${profileId}/${certificateId}/${problem}`;
      const now = clock().getTime();
      const last = said.get(what);
      if (last !== undefined && now - last < AGAIN_AFTER_MS) continue;
      const [oldest] = said.keys();
      if (said.size >= REMEMBERED && oldest !== undefined) said.delete(oldest);
      said.delete(what);
      said.set(what, now);
      log.warn(
        { tenantId, profileId, mediaType, certificateId, problem },
        'certificate left out: recordings are encrypted to the others of the profile',
      );
    }
  };
}
