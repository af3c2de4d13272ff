import type { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { QuarantineMark } from './domain/quarantine-mark.ts';

/** Whether everything else would fail in the same way at the moment. */
export const isAway = (error: AppError): boolean =>
  error.eventVerdict === 'wait' || ['DEADLINE_EXCEEDED', 'CANCELLED', 'SHUTTING_DOWN'].includes(error.code);

interface Problem {
  readonly error: AppError;
  readonly example: QuarantineMark;
  count: number;
}

/** What kept recordings from being released, in one line of the log for each code: there may be very many of them. */
export function createReleaseProblems(log: Log) {
  const problems = new Map<string, Problem>();
  return {
    note(error: AppError, example: QuarantineMark): void {
      const problem = problems.get(error.code);
      if (problem === undefined) problems.set(error.code, { error, example, count: 1 });
      else problem.count++;
    },
    say(): void {
      for (const { error, example, count } of problems.values()) {
        const { tenantId, recordingId } = example;
        const line = { err: error, fix: error.fix, count, tenantId, recordingId };
        if (isAway(error)) log.info(line, 'quarantined recordings wait: they are tried again');
        else log.error(line, 'quarantined recordings could not be released; they are tried again');
      }
    },
  };
}
