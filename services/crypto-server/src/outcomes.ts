import type { MediaDecryptEnded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { failedCheckOf } from '@sealtrack/envelope/failures';
import { AppError, toAppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import { pause } from '@sealtrack/service-kit/pause';
import type { CallerContext } from './caller-context.ts';
import type { AuditTrail } from './ports.ts';

/** Which access it was. */
export type AccessOnRecord = Pick<
  MediaDecryptEnded,
  'tenantId' | 'recordingId' | 'mediaId' | 'certificateId' | 'caller' | 'accessId'
>;

/** What becomes of one access. Disposed, it goes on record: as cancelled, unless it was said to be something else, or its call was ended. */
export interface Outcome extends Disposable {
  /** Before they are. */
  handingOut(bytes: number): void;
  complete(): void;
  failed(error: unknown): void;
  /** It was never asked for, as records go: nothing is said of what became of it. */
  withdraw(): void;
}

/** What becomes of accesses, put on record behind the back of those who asked. */
export interface Outcomes extends AsyncDisposable {
  /**
   * Throws AUDIT_UNAVAILABLE while as many outcomes wait to be put on record as may: nothing begins whose end could not be.
   */
  begin(access: AccessOnRecord, caller: Pick<CallerContext, 'signal' | 'traceparent'>): Outcome;
  /** Resolves when all are on record, or after a few seconds; what is not by then is in the log. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OutcomesOptions {
  readonly audit: Pick<AuditTrail, 'decryptEnded'>;
  readonly log: Log;
  /** Accesses that have not ended, and outcomes that are not on record. Some 500 bytes each. */
  readonly maxOpen?: number;
  readonly drainMs?: number;
}

interface Ended {
  readonly record: MediaDecryptEnded;
  readonly traceparent: string;
}

type End = Pick<MediaDecryptEnded, 'outcome' | 'code' | 'failedCheck' | 'segment'>;

const MAX_OPEN = 20_000;
const AT_ONCE = 256;
const BETWEEN_MS = 500;
const AT_THE_END_MS = 50;
/** What a process may take to stop is 30 s, and calls in flight have had 21 of them. */
const DRAIN_MS = 5_000;

/** Tried again for as long as this process lasts: what is lost with it are accesses on record without an outcome. */
export function createOutcomes(options: OutcomesOptions): Outcomes {
  const { audit, log, maxOpen = MAX_OPEN, drainMs = DRAIN_MS } = options;
  const notOnRecord = new Set<Ended>();
  /** Those of them that nobody is writing. */
  const waiting: Ended[] = [];
  const closing = new AbortController();
  const over = new AbortController();
  const drained = Promise.withResolvers<void>();
  let going = 0;
  let writing = 0;
  let isAway = false;

  function writeOn(): void {
    if (over.signal.aborted) return;
    while (waiting.length > 0 && writing < (isAway ? 1 : AT_ONCE)) void write(waiting.shift() as Ended);
    if (closing.signal.aborted && going + notOnRecord.size === 0) drained.resolve();
  }

  async function write(ended: Ended): Promise<void> {
    writing += 1;
    try {
      await audit.decryptEnded(ended.record, ended.traceparent);
      notOnRecord.delete(ended);
      isAway = false;
    } catch (err) {
      if (!isAway) log.error({ err }, 'what became of accesses cannot be put on record; trying on');
      isAway = true;
      waiting.push(ended);
      const [ms, signal] = closing.signal.aborted
        ? [AT_THE_END_MS, over.signal]
        : [BETWEEN_MS, closing.signal];
      await pause(ms, signal);
    }
    writing -= 1;
    writeOn();
  }

  return {
    begin(access, { signal, traceparent }) {
      if (going + notOnRecord.size >= maxOpen) throw tooMany(maxOpen);
      going += 1;
      let bytes = 0;
      let end: End | undefined;
      let isWithdrawn = false;
      return {
        handingOut(more) {
          bytes += more;
        },
        complete() {
          end = { ...CANCELLED, outcome: 'complete' };
        },
        failed(error) {
          end = failure(error);
        },
        withdraw() {
          isWithdrawn = true;
        },
        [Symbol.dispose]() {
          going -= 1;
          if (isWithdrawn) {
            writeOn();
            return;
          }
          // Nobody took any more: it is the call that has ended, or its caller who has seen enough.
          end ??= signal.aborted ? failure(signal.reason) : CANCELLED;
          const ended = { record: { ...access, ...end, bytes: BigInt(bytes) }, traceparent };
          notOnRecord.add(ended);
          waiting.push(ended);
          writeOn();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      writeOn();
      await Promise.race([drained.promise, pause(drainMs, over.signal)]);
      over.abort();
      for (const { record } of notOnRecord)
        log.error(
          { record: textOf(record) },
          'what became of an access was not put on record before the end',
        );
    },
  };
}

const CANCELLED = { outcome: 'cancelled', code: '', failedCheck: '' };

function failure(error: unknown): End {
  const { code } = toAppError(error);
  if (code === 'CANCELLED') return CANCELLED;
  const { check = '', segment } = failedCheckOf(error) ?? {};
  const where = segment === undefined ? {} : { segment: BigInt(segment) };
  return { outcome: 'failed', code, failedCheck: check, ...where };
}

const textOf = ({ bytes, segment, ...record }: MediaDecryptEnded) => ({ ...record, bytes: String(bytes) });

const tooMany = (open: number) =>
  new AppError(
    'AUDIT_UNAVAILABLE',
    `${open} accesses are under way, or what became of them is not on record yet`,
    {
      fix: 'Check NATS and its stream AUDIT (sealtrack doctor), then try again.',
    },
  );
