import type { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode, GrpcStatus } from '@sealtrack/errors/codes';

/** An error as its reader on the web gets it (RFC 9457). */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly type: string;
    readonly title: string;
    readonly status: number;
    readonly code: ErrorCode;
    /** The next step. */
    readonly fix: string;
  };
}

const STATUSES: Readonly<Record<GrpcStatus, number>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  OUT_OF_RANGE: 416,
  // Not the player's fault, and no matter of waiting: a key that nobody holds, a recording that is damaged.
  FAILED_PRECONDITION: 502,
  DATA_LOSS: 502,
  INTERNAL: 502,
  UNIMPLEMENTED: 502,
  CANCELLED: 503,
  RESOURCE_EXHAUSTED: 503,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** Those that concern this one caller; what else is exhausted is so for everybody. */
const TOO_MANY_REQUESTS: readonly ErrorCode[] = ['TOO_MANY_CALLS', 'TOO_MANY_FAILURES'];
/**
 * What its reader can do something about. Everything else is for those who run the system: it names addresses, settings and
 * streams, and is in the log.
 */
const FOR_PLAYERS: readonly ErrorCode[] = [
  ...(['INVALID_ARGUMENT', 'TICKET_INVALID', 'RECORDING_NOT_FOUND', 'RANGE_NOT_SATISFIABLE'] as const),
  ...(['TOO_MANY_CALLS', 'TOO_MANY_FAILURES', 'KEY_NOT_HELD'] as const),
];
const RETRY_AFTER_SECONDS = 2;

/** @param isOurs whether the gateway says it by itself, of nothing but the request. */
export function problemOf(error: AppError, isOurs = false): Problem {
  const { code, grpcStatus, details } = error;
  const status = TOO_MANY_REQUESTS.includes(code) ? 429 : STATUSES[grpcStatus];
  const isInside = !isOurs && (!FOR_PLAYERS.includes(code) || 'address' in details);
  return {
    status,
    headers: { ...challenge(error), ...retryAfter(status, error), ...unsatisfied(error) },
    body: {
      type: `urn:sealtrack:error:${code}`,
      title: isInside ? 'The recording cannot be played at the moment' : error.message,
      status,
      code,
      fix: isInside
        ? 'Try again in a moment. If it stays so, tell whoever runs Sealtrack the trace: it is in the logs.'
        : error.fix,
    },
  };
}

/** RFC 6750, 3: without a ticket no more is said than that one is needed. */
function challenge({ code, details }: AppError): Record<string, string> {
  if (code !== 'TICKET_INVALID') return {};
  const error = details.reason === 'missing' ? '' : ', error="invalid_token"';
  return { 'www-authenticate': `Bearer realm="sealtrack"${error}` };
}

function retryAfter(status: number, { details }: AppError): Record<string, string> {
  if (![429, 503].includes(status)) return {};
  const ms = Number(details.retry_after_ms);
  const seconds = Number.isFinite(ms) && ms > 0 ? Math.ceil(ms / 1000) : RETRY_AFTER_SECONDS;
  return { 'retry-after': String(seconds) };
}

const unsatisfied = ({ code, details }: AppError): Record<string, string> =>
  code === 'RANGE_NOT_SATISFIABLE' && /^\d+$/.test(details.size ?? '')
    ? { 'content-range': `bytes */${details.size}` }
    : {};
