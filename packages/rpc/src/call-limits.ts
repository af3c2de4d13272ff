import { AppError } from '@sealtrack/errors/app-error';

/** How many calls a server takes. Health and reflection are never among them. */
export interface CallLimits {
  /** Calls of one caller a second, over time. */
  readonly perSecond: number;
  /** Calls of one caller that may come at once when it made none for a while. */
  readonly burst: number;
  /** Calls of one caller under way at a time; a stream is, until it has ended. */
  readonly atOnce: number;
  /** Of all callers together; the last tenth of them is for callers that have few under way. */
  readonly allAtOnce: number;
}

export const REFUSAL_REASONS = ['caller-rate', 'caller-calls', 'all-calls', 'request-bytes'] as const;

/**
 * What there was too much of: calls of this caller within a time, or at a time; calls of all; or bytes of requests that are not
 * complete or not answered.
 */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export interface Refusal {
  readonly reason: RefusalReason;
  /** When to come again, so that not all that were refused do at the same time. */
  readonly retryAfterMs: number;
}

const MESSAGES: Readonly<Record<RefusalReason, string>> = {
  'caller-rate': 'This caller makes more calls than one may within a time',
  'caller-calls': 'This caller has as many calls under way as one may have',
  'all-calls': 'The server has as many calls under way as it takes',
  'request-bytes': 'There are as many bytes of requests under way as the server takes',
};

export const tooManyCalls = ({ reason, retryAfterMs }: Refusal): AppError =>
  new AppError('TOO_MANY_CALLS', MESSAGES[reason], {
    fix: 'Make the same call again after the retry_after_ms of the details. If it lasts, spread the calls, start more servers, or raise their limits (docs/operations.md).',
    details: { reason, retry_after_ms: String(retryAfterMs) },
  });
