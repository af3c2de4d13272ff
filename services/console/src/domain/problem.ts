import type { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode, GrpcStatus } from '@sealtrack/errors/codes';
import type { Problem } from '../api/problem.ts';

const STATUSES: Readonly<Record<GrpcStatus, number>> = {
  INVALID_ARGUMENT: 400,
  // Of another service, which does not know the console: nothing that a person could sign in for.
  UNAUTHENTICATED: 502,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  FAILED_PRECONDITION: 409,
  OUT_OF_RANGE: 416,
  INTERNAL: 500,
  DATA_LOSS: 502,
  UNIMPLEMENTED: 502,
  CANCELLED: 503,
  RESOURCE_EXHAUSTED: 503,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

const STATUSES_OF_CODES: Partial<Readonly<Record<ErrorCode, number>>> = {
  // Whoever gets 401 signs in.
  SIGN_IN_NEEDED: 401,
  SIGN_IN_REFUSED: 401,
  // Those that concern this one caller; what else is exhausted is so for everybody.
  TOO_MANY_CALLS: 429,
  TOO_MANY_FAILURES: 429,
};

export interface Answered {
  readonly body: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ProblemFacts {
  readonly traceId: string;
  /** What is known to be down: said where that may be why. */
  readonly down?: Problem['down'];
  /** Where it is not the usual one of the code. */
  readonly status?: number | undefined;
}

const RETRY_AFTER_SECONDS = 2;

/** An error as the pages get it. */
export function problemOf(error: AppError, { traceId, down = [], status }: ProblemFacts): Answered {
  const { code, message, fix, details, grpcStatus } = error;
  const answered = status ?? STATUSES_OF_CODES[code] ?? STATUSES[grpcStatus];
  const body: Problem = {
    ...{ type: `urn:sealtrack:error:${code}`, title: message, status: answered, code, fix },
    ...(Object.keys(details).length > 0 && { details }),
    ...(answered >= 502 && down.length > 0 && { down }),
    traceId,
  };
  return { body, headers: retryAfter(answered, error) };
}

function retryAfter(status: number, { details }: AppError): Record<string, string> {
  if (![429, 503].includes(status)) return {};
  const ms = Number(details.retry_after_ms);
  const seconds = Number.isFinite(ms) && ms > 0 ? Math.ceil(ms / 1000) : RETRY_AFTER_SECONDS;
  return { 'retry-after': String(seconds) };
}
