import type { AppError } from '@sealtrack/errors/app-error';

export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const;

export const EXIT_HELP = `Exit codes:
  0  done
  1  failed: the error says why, its fix what to do
  2  wrong usage: a malformed option or argument
  3  a service or the bus cannot be reached, or did not answer in time; trying again may help
  130, 143  interrupted`;

export function exitCodeOf(error: AppError): number {
  if (error.code === 'INVALID_ARGUMENT') return EXIT.usage;
  if (error.grpcStatus === 'UNAVAILABLE' || error.grpcStatus === 'DEADLINE_EXCEEDED') return EXIT.unreachable;
  return EXIT.failed;
}

/** A check ran to its end and has said what is wrong: there is nothing to add but the exit code. */
export class ProblemsFound extends Error {
  constructor(count: number) {
    super(`${count} problems found`);
    this.name = 'ProblemsFound';
  }
}
