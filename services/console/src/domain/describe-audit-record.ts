import type { AuditRecord } from '../api/audit.ts';

export interface StoredAuditRecord {
  readonly sequence: number;
  readonly time: Date;
  /** audit.demo.media-decrypt, audit._.chain-opened. */
  readonly subject: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: unknown;
  readonly traceId: string | null;
}

export const describeAuditRecord = ({
  sequence,
  time,
  subject,
  headers,
  body,
  traceId,
}: StoredAuditRecord): AuditRecord => ({
  ...{ sequence, at: time.toISOString(), action: subject.split('.').slice(2).join('.') },
  ...{ source: headers.get('ce-source') ?? '', chain: headers.get('ce-chain') ?? null, traceId, body },
});
