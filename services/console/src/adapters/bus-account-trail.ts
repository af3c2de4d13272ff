import type { AuditWriter } from '@sealtrack/audit-trail/write/writer';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { AccountTrail } from '../ports.ts';

/** All in the chain of this process. */
export const createBusAccountTrail = (writer: Pick<AuditWriter, 'append'>): AccountTrail => ({
  record: (data, traceparent) =>
    writer.append({
      ...{ subject: SUBJECTS.auditOfAll('account'), kind: EVENT_KINDS.accountRecorded },
      ...{ data, traceparent },
    }),
});
