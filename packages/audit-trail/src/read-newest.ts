import type { Bus } from '@sealtrack/bus/bus';
import { readBackwards } from '@sealtrack/bus/read-backwards';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import type { ReadAuditOptions } from './read-audit.ts';
import type { StoredRecord } from './record.ts';

export interface ReadNewestOptions extends ReadAuditOptions {
  /** Only those with a smaller number on the stream. */
  readonly before?: number | undefined;
}

const HELD_AT_ONCE = 250;

/** The records, the newest first. Errors: BUS_UNAVAILABLE. */
export async function* readNewest(
  bus: Bus,
  { subject = SUBJECTS.allAudit, ...options }: ReadNewestOptions,
): AsyncGenerator<StoredRecord> {
  const what = { stream: STREAMS.audit, subject, atOnce: HELD_AT_ONCE, ...options };
  for await (const message of readBackwards(bus, what)) {
    const { sequence, time, body } = message;
    yield { subject: message.subject, headers: message.repeatedHeaders(), body, sequence, time };
  }
}
