import type { StoredRecord } from '@sealtrack/audit-trail/record';
import { type AuditQuery, fits } from '@sealtrack/audit-trail/search';

export interface AuditSearch {
  readonly query: AuditQuery;
  /** Only records with a smaller number on the stream. */
  readonly before: number | undefined;
  /** What the stream got from then on, and before then. */
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  readonly signal: AbortSignal;
}

/** Of the tenant that the query names; with `withTenantless`, and with what concerns no tenant. Newest first. Errors: BUS_UNAVAILABLE. */
export type ReadNewestRecords = (search: AuditSearch) => AsyncIterable<StoredRecord>;

export interface FoundRecords {
  readonly records: readonly StoredRecord[];
  /** Where the next page goes on; undefined when all was looked at. */
  readonly next: number | undefined;
  /** When the oldest record was stored that was looked at; undefined when all was. */
  readonly searchedTo: Date | undefined;
}

const PAGE = 50;
/** A search for what there is hardly any of comes back after so much, and says how far it has come. */
const MOST_LOOKED_AT = 5_000;
const MOST_MS = 2_000;

/** A page of the records that fit, newest first. @param now in milliseconds. */
export function createSearchAudit(read: ReadNewestRecords, now: () => number) {
  return async (search: AuditSearch): Promise<FoundRecords> => {
    const records: StoredRecord[] = [];
    const until = now() + MOST_MS;
    let lookedAt = 0;
    for await (const record of read(search)) {
      lookedAt += 1;
      if (fits(record, search.query)) records.push(record);
      if (records.length < PAGE && lookedAt < MOST_LOOKED_AT && now() < until) continue;
      return { records, next: record.sequence, searchedTo: record.time };
    }
    search.signal.throwIfAborted();
    return { records, next: undefined, searchedTo: undefined };
  };
}
