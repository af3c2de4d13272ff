import type { ErrorCode } from '@sealtrack/errors/codes';

/** Every failure of the API (RFC 9457), as application/problem+json. */
export interface Problem {
  /** urn:sealtrack:error:<code>. */
  readonly type: string;
  /** What went wrong, for people. */
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** The next step. */
  readonly fix: string;
  /** Such as the field that is wrong. */
  readonly details?: Readonly<Record<string, string>>;
  /** Where a service is down: which, and since when, as the console has seen. */
  readonly down?: readonly { readonly service: string; readonly since: string }[];
  /** Of the logs. */
  readonly traceId: string;
}
