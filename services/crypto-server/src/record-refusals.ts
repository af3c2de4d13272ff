import { actionOf } from '@sealtrack/access/methods';
import type { AccessDenied } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { isMediaId, isRecordingId, isTenantId } from '@sealtrack/ids/ids';
import { userOf } from '@sealtrack/ids/person-names';
import type { Refused } from '@sealtrack/service-kit/call-access';
import type { Log } from '@sealtrack/service-kit/logger';
import { continueTrace } from '@sealtrack/service-kit/trace';
import { callerText } from './caller-context.ts';
import type { AuditTrail } from './ports.ts';

/** Puts on record, behind the back of whoever asked, that somebody who is known may not play, export or unwrap. */
export interface RecordRefusals extends AsyncDisposable {
  note(call: Refused): void;
  /** The same, of what is no call. */
  put(record: AccessDenied, traceparent: string | undefined): void;
  /** Resolves when those that were begun are on record or could not be, which their own deadline decides. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RecordRefusalsDeps {
  readonly audit: Pick<AuditTrail, 'accessDenied'>;
  readonly clock: () => Date;
  readonly log: Log;
}

/** Nothing is ever deleted from the records, and whoever is refused may ask for ever. */
export const RECORDS_A_MINUTE = 60;
/** Callers that are remembered; so many at once are a bus or an index that is asked for everybody. */
const MOST_CALLERS = 1_000;
const MOST_AT_ONCE = 64;
const MINUTE_MS = 60_000;

/** Whose calls play, export and unwrap. */
const SERVICE = '/sealtrack.decryption.v1.DecryptionService/';
const CODES: readonly string[] = ['PERMISSION_DENIED', 'TICKET_INVALID'];
/** Of a ticket that no issuer has signed. Whoever reaches a gateway can write one, and in it the tenant that is to have the record. */
const ANYBODYS: readonly unknown[] = ['missing', 'malformed', 'unknown-issuer', 'bad-signature'];

export function createRecordRefusals({ audit, clock, log }: RecordRefusalsDeps): RecordRefusals {
  const writing = new Set<Promise<void>>();
  let minute = 0;
  /** By caller, in this minute. */
  const counts = new Map<string, number>();

  /** Whether one more of this caller's may be written; the first that may not is in the log. */
  function hasRoom(caller: string): boolean {
    const now = Math.floor(clock().getTime() / MINUTE_MS);
    if (now !== minute) counts.clear();
    minute = now;
    const count = (counts.get(caller) ?? 0) + 1;
    if (count > 1 || counts.size < MOST_CALLERS) counts.set(caller, count);
    const fits = counts.has(caller) && count <= RECORDS_A_MINUTE;
    if (count === RECORDS_A_MINUTE + 1)
      log.warn({ caller }, 'further refusals of this caller are not put on record in this minute');
    return fits && writing.size < MOST_AT_ONCE;
  }

  async function write(record: AccessDenied, traceparent: string): Promise<void> {
    try {
      await audit.accessDenied(record, traceparent);
    } catch (err) {
      log.warn({ err, caller: record.caller }, 'a refusal is not on record');
    }
  }

  function put(record: AccessDenied, traceparent: string | undefined): void {
    if (!hasRoom(record.caller)) return;
    const written = write(record, continueTrace(traceparent)).then(() => void writing.delete(written));
    writing.add(written);
  }

  return {
    note(call) {
      const record = recordOf(call);
      if (record !== undefined) put(record, call.traceparent);
    },
    put,
    async [Symbol.asyncDispose]() {
      await Promise.all(writing);
    },
  };
}

/** Undefined for what is not put on record: other calls, and callers and tickets that nobody knows. */
function recordOf({ path, names, via, request, error }: Refused): AccessDenied | undefined {
  // What it takes, where the refusal does not say.
  const [action] = path.startsWith(SERVICE) ? [actionOf(path)].flat() : [];
  const { tenantId = '', recordingId = '', mediaId = '' } = (request ?? {}) as Mentioning;
  if (action === undefined || names.length === 0 || !CODES.includes(error.code)) return undefined;
  if (error.code === 'TICKET_INVALID' && ANYBODYS.includes(error.details.reason)) return undefined;
  // It becomes part of a subject.
  if (!isTenantId(tenantId)) return undefined;
  return {
    tenantId,
    caller: callerText({ names, via, peer: '' }),
    action: error.details.action ?? action,
    recordingId: isRecordingId(recordingId) ? recordingId : '',
    mediaId: isMediaId(mediaId) ? mediaId : '',
    // Not of a ticket: it was not believed, or not looked at.
    user: userOf(names) ?? '',
    ticketId: '',
    code: error.code,
  };
}

/** What of a request may be there. */
interface Mentioning {
  readonly tenantId?: string;
  readonly recordingId?: string;
  readonly mediaId?: string;
}
