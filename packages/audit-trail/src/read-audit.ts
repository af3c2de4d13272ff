import type { Bus } from '@sealtrack/bus/bus';
import { readLog } from '@sealtrack/bus/read-log';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import type { StoredRecord } from './record.ts';

export interface ReadAuditOptions {
  /** All of them unless told. */
  readonly subject?: string;
  /** What the stream got from then on. */
  readonly since?: Date | undefined;
  /** What it got before then. */
  readonly until?: Date | undefined;
  readonly signal: AbortSignal;
}

/** The records that are on the stream when it begins, in order. Errors: BUS_UNAVAILABLE. */
export async function* readAudit(
  bus: Bus,
  { subject = SUBJECTS.allAudit, since, until, signal }: ReadAuditOptions,
): AsyncGenerator<StoredRecord> {
  for await (const message of readLog(bus, { stream: STREAMS.audit, subject, since, signal })) {
    const { sequence, time, body } = message;
    if (until !== undefined && time >= until) return;
    yield { subject: message.subject, headers: message.repeatedHeaders(), body, sequence, time };
  }
}
