import { type ReadAuditOptions, readAudit } from '@sealtrack/audit-trail/read-audit';
import { readNewest } from '@sealtrack/audit-trail/read-newest';
import type { StoredRecord } from '@sealtrack/audit-trail/record';
import { subjectOf } from '@sealtrack/audit-trail/search';
import type { Bus } from '@sealtrack/bus/bus';
import { countMessages } from '@sealtrack/bus/look-ahead';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import type { TenantId } from '@sealtrack/ids/ids';
import type { ReadNewestRecords } from '../search-audit.ts';

/** What is on record. Errors of all: BUS_UNAVAILABLE. */
export interface AuditLog {
  /** Of the tenant that the query names. */
  readonly newestOf: ReadNewestRecords;
  /** And what concerns no tenant. */
  readonly newestWithTenantless: ReadNewestRecords;
  /** In their order; of all tenants unless one is named. */
  read(
    options: Omit<ReadAuditOptions, 'subject'> & { readonly tenant?: TenantId | undefined },
  ): AsyncIterable<StoredRecord>;
  count(): Promise<number>;
}

/** No tenant's id. */
const TENANTLESS = '_';

export const createBusAuditLog = (bus: Bus): AuditLog => ({
  newestOf: ({ query, ...options }) => readNewest(bus, { subject: subjectOf(query), ...options }),
  async *newestWithTenantless({ query: { tenant }, ...options }) {
    // A consumer of two subjects at once is not for every broker.
    for await (const record of readNewest(bus, options)) {
      const of = record.subject.split('.')[1];
      if (of === tenant || of === TENANTLESS) yield record;
    }
  },
  read: ({ tenant, ...options }) => readAudit(bus, { subject: subjectOf({ tenant }), ...options }),
  count: () => countMessages(bus, STREAMS.audit, SUBJECTS.allAudit),
});
