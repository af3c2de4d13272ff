import type { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';

/**
 * What to do about a failure: ask another server, and this one again later (away); the same, but this one no sooner than it
 * says (busy); ask each of the others once (elsewhere); or nothing, since all of them would say the same (final).
 */
export type Verdict = 'away' | 'busy' | 'elsewhere' | 'final';

const VERDICTS: Partial<Readonly<Record<ErrorCode, Verdict>>> = {
  TOO_MANY_CALLS: 'busy',
  TOO_MANY_DECRYPTIONS: 'busy',
  // With routing, a server has asked all others that it can reach before it says so. Without, they hold other keys.
  KEY_NOT_HELD: 'elsewhere',
  // By its files a server may be the wrong one for good; waiting does not help, and another one may be right.
  PEER_UNTRUSTED: 'elsewhere',
  INTERNAL: 'elsewhere',
};

/** What a budget for failures refuses is final too: on other servers it would be a budget of many times the size. */
export function judgeFailure({ code, grpcStatus }: AppError): Verdict {
  const known = VERDICTS[code];
  if (known !== undefined) return known;
  return grpcStatus === 'UNAVAILABLE' || grpcStatus === 'DEADLINE_EXCEEDED' ? 'away' : 'final';
}

/** A server that asks for more is asked again all the same: it may have meant another clock, or be wrong. */
const MAX_RETRY_AFTER_MS = 5_000;
const RETRY_AFTER_MS = 200;

/** How long a busy server wants to be left alone, within bounds. */
export function retryAfterMs({ details }: AppError): number {
  const said = Number(details.retry_after_ms);
  return Number.isFinite(said) && said > 0 ? Math.min(said, MAX_RETRY_AFTER_MS) : RETRY_AFTER_MS;
}
