import type { AuditReport } from '@sealtrack/audit-trail/verify/report';
import type { Problem } from './problem.ts';

/**
 * GET /tenants/:tenant/audit?from=&until=&action=&recording=&certificate=&user=&caller=&page=: newest first, 50 of them. With `all=1`, and
 * audit.read for all tenants, the records that concern no tenant (`audit._.…`) as well.
 */
export interface AuditPage {
  readonly records: readonly AuditRecord[];
  readonly nextPage: string | null;
  /** Records older than this were not looked at; null at the beginning of the stream. */
  readonly searchedTo: string | null;
}

export interface AuditRecord {
  /** In the stream. */
  readonly sequence: number;
  readonly at: string;
  /** Such as "media-decrypt". */
  readonly action: string;
  readonly source: string;
  readonly chain: string | null;
  readonly traceId: string | null;
  readonly body: unknown;
}

/**
 * GET …/audit/export?…: application/x-ndjson as `sealtrack audit export` writes it, as a download, the oldest first. With `all=1`, and
 * audit.read for all tenants, the records of all tenants: only those, and without any filter but times, can be verified elsewhere.
 */

/**
 * GET /audit/verification: server-sent events, each `data` one of these. Ends after the report, or after what it failed with. Who asks
 * while one is under way looks on at that.
 */
export type VerificationMessage =
  | { readonly type: 'progress'; readonly records: number; readonly total: number }
  | { readonly type: 'report'; readonly report: JsonOf<AuditReport> }
  | { readonly type: 'failed'; readonly problem: Problem };

/** As it is in JSON: times are text. */
export type JsonOf<T> = T extends Date
  ? string
  : T extends object
    ? { readonly [Key in keyof T]: JsonOf<T[Key]> }
    : T;
