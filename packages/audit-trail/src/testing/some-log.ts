import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { MediaDecryptRequested } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Signer, StatementVerifier } from '@sealtrack/statements/statement';
import { lowerCased, type Position, readPosition, type StoredRecord } from '../record.ts';
import type { Problem } from '../verify/problems.ts';
import type { AuditReport } from '../verify/report.ts';
import { createVerification } from '../verify/verification.ts';
import type { AuditStream } from '../write/audit-stream.ts';
import { type AuditWriter, type AuditWriterOptions, createAuditWriter } from '../write/writer.ts';

export const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

export const writerOn = (
  stream: AuditStream,
  signer: Signer | undefined,
  more: Partial<AuditWriterOptions> = {},
): AuditWriter =>
  createAuditWriter({
    ...{ stream, signer, source: 'crypto-server', log: SILENT },
    ...{ checkpoints: { records: 5, ms: 60_000 }, ...more },
  });

export const access = (recordingId: string, tenantId = 'demo') => ({
  subject: SUBJECTS.audit(tenantId, 'media-decrypt'),
  kind: EVENT_KINDS.mediaDecryptRequested,
  data: MediaDecryptRequested.fromPartial({ tenantId, recordingId, mediaId: 'main', length: 100n }),
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
});

/** Numbered as a stream would that they came to anew. */
export const renumbered = (records: readonly Omit<StoredRecord, 'sequence'>[], from = 1): StoredRecord[] =>
  records.map((record, index) => ({ ...record, sequence: from + index }));

export async function verified(
  records: readonly StoredRecord[],
  verifier: StatementVerifier | undefined,
): Promise<AuditReport> {
  const verification = createVerification({ verifier, servers: ['crypto-server'] });
  for (const record of records) await verification.add(record);
  return verification.finish();
}

export function positionOf({ headers }: Pick<StoredRecord, 'headers'>): Position {
  const position = readPosition(lowerCased(headers));
  if (position === undefined || position === 'malformed') throw new Error('It is in a chain');
  return position;
}

/** What is wrong, as kind, number in the chain and number on the stream. */
export const wrong = ({ problems }: AuditReport): string[] =>
  problems.map(({ kind, records, sequence }: Problem) =>
    [kind, ...(records === undefined ? [] : [`#${[...new Set(records)].join('-')}`]), `@${sequence}`].join(
      ' ',
    ),
  );
