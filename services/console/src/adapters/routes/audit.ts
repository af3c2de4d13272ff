import { Readable } from 'node:stream';
import type { Access } from '@sealtrack/access/access';
import { lowerCased, type StoredRecord } from '@sealtrack/audit-trail/record';
import { toLine } from '@sealtrack/audit-trail/record-line';
import { type AuditQuery, fits } from '@sealtrack/audit-trail/search';
import type { AuditReport } from '@sealtrack/audit-trail/verify/report';
import { toAppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import { z } from 'zod';
import type { AuditPage, AuditRecord, JsonOf, VerificationMessage } from '../../api/audit.ts';
import { describeAuditRecord } from '../../domain/describe-audit-record.ts';
import { problemOf } from '../../domain/problem.ts';
import { readPayload } from '../../domain/read-payload.ts';
import { type AuditSearch, createSearchAudit } from '../../search-audit.ts';
import type { VerifyAudit } from '../../verify-audit.ts';
import type { AuditLog } from '../bus-audit-log.ts';
import { openEventStream } from '../event-stream.ts';
import type { AskedByPerson, Handlers } from '../handler.ts';
import type { LiveMetrics } from '../live-metrics.ts';
import { flag, parseInput, sequenceMark, shortText, tenantOf, time } from '../parse-input.ts';
import type { PersonSlots } from '../person-slots.ts';
import { traceIdOf } from '../trace-id.ts';

export interface AuditHandlersDeps {
  readonly auditLog: AuditLog;
  readonly verify: VerifyAudit;
  readonly access: Access;
  readonly exports: PersonSlots;
  readonly metrics: Pick<LiveMetrics, 'streaming'>;
}

/** What is left empty in a form is not asked for. */
const optional = <T>(type: z.ZodType<T, string>) =>
  z.union([z.literal('').transform(() => undefined), type]).optional();

const auditQuery = z.object({
  from: optional(time),
  until: optional(time),
  action: optional(shortText),
  recording: optional(shortText),
  certificate: optional(shortText),
  user: optional(shortText),
  caller: optional(shortText),
  page: sequenceMark,
  all: flag,
});

/** A record has at most 256 KiB. */
const SHOWN_BYTES = 64 * 1024;

/** Answers to what is on record. Of another tenant than that of the route there is never anything, but where all are asked for. */
export function createAuditHandlers({
  auditLog,
  verify,
  access,
  exports,
  metrics,
}: AuditHandlersDeps): Handlers {
  const read = (asked: AskedByPerson) => {
    const { from, until, page, all, ...rest } = parseInput(auditQuery, asked.request.query);
    const tenant = tenantOf(asked);
    if (all) access.authorise(asked.person.names, 'audit.read', undefined);
    const query: AuditQuery = { ...rest, tenant };
    return { tenant, all, search: { query, before: page, since: from, until, signal: asked.signal } };
  };
  const searchTenant = createSearchAudit(auditLog.newestOf, Date.now);
  const searchAll = createSearchAudit(auditLog.newestWithTenantless, Date.now);
  return {
    'GET /tenants/:tenant/audit': async (asked): Promise<AuditPage> => {
      const { all, search } = read(asked);
      const found = await (all ? searchAll : searchTenant)(search);
      return {
        records: found.records.map(describe),
        nextPage: found.next === undefined ? null : String(found.next),
        searchedTo: found.searchedTo?.toISOString() ?? null,
      };
    },
    'GET /tenants/:tenant/audit/export': async (asked, reply) => {
      const { tenant, all, search } = read(asked);
      const slot = exports.take(asked.person);
      const lines = Readable.from(linesOf(auditLog, { tenant, all, search }));
      lines.once('close', () => slot[Symbol.dispose]());
      return reply
        .type('application/x-ndjson')
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="audit-${all ? 'all' : tenant}.jsonl"`)
        .send(lines);
    },
    'GET /audit/verification': async (asked, reply) => {
      // A bus that is away is told of as any other failure is, before the answer begins.
      await auditLog.count();
      using _streaming = metrics.streaming('verification');
      const stream = openEventStream<VerificationMessage>(asked, reply);
      const progress = (newest: { readonly records: number; readonly total: number }): void => {
        if (!stream.isBlocked()) stream.send([{ type: 'progress', ...newest }]);
      };
      const message = await verify({ progress, signal: asked.signal }).then(
        reportOf,
        failureOf(asked.traceparent),
      );
      stream.send([message]);
      stream.end();
      await stream.ended;
      return reply;
    },
  };
}

/** Times as text, as all of JSON is. */
const reportOf = (report: AuditReport): VerificationMessage => ({
  type: 'report',
  report: JSON.parse(JSON.stringify(report)) as JsonOf<AuditReport>,
});

const failureOf =
  (traceparent: string) =>
  (error: unknown): VerificationMessage => ({
    type: 'failed',
    problem: problemOf(toAppError(error), { traceId: traceIdOf(traceparent) ?? '' }).body,
  });

function describe(record: StoredRecord): AuditRecord {
  const headers = lowerCased(record.headers);
  const body = readPayload(record.body, SHOWN_BYTES);
  return describeAuditRecord({ ...record, headers, body, traceId: traceIdOf(headers.get('traceparent')) });
}

interface Exported {
  readonly tenant: TenantId;
  readonly all: boolean;
  readonly search: AuditSearch;
}

async function* linesOf(
  auditLog: AuditLog,
  { tenant, all, search: { query, since, until, signal } }: Exported,
): AsyncGenerator<string> {
  for await (const record of auditLog.read({ tenant: all ? undefined : tenant, since, until, signal }))
    if (fits(record, query)) yield `${toLine(record)}\n`;
  // Half of it must not look like all of it.
  signal.throwIfAborted();
}
