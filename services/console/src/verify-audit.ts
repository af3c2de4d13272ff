import { setImmediate as turn } from 'node:timers/promises';
import type { StoredRecord } from '@sealtrack/audit-trail/record';
import type { Judges } from '@sealtrack/audit-trail/verify/judge-statement';
import type { AuditReport } from '@sealtrack/audit-trail/verify/report';
import { createVerification } from '@sealtrack/audit-trail/verify/verification';
import { AppError } from '@sealtrack/errors/app-error';

export interface Progress {
  readonly records: number;
  readonly total: number;
}

/** Somebody who looks on. */
export interface Watcher {
  readonly progress: (progress: Progress) => void;
  /** Aborts when he looks on no longer. */
  readonly signal: AbortSignal;
}

/** Resolves to the report. Errors: BUS_UNAVAILABLE, CANCELLED when the watcher's signal aborted. */
export type VerifyAudit = (watcher: Watcher) => Promise<AuditReport>;

export interface VerifyAuditDeps {
  /** All records that there are when it begins, in their order. Errors: BUS_UNAVAILABLE. */
  readonly read: (signal: AbortSignal) => AsyncIterable<StoredRecord>;
  readonly count: () => Promise<number>;
  readonly judges: Judges;
}

/** What is computed for each record would otherwise keep every browser waiting. */
const TURN_EVERY = 100;
const PROGRESS_EVERY = 1_000;

/**
 * Verifies the audit log, once at a time in this process: whoever asks meanwhile looks on at what is under way, and gets its report. It is
 * given up when nobody looks on any more.
 */
export function createVerifyAudit(deps: VerifyAuditDeps): VerifyAudit {
  let running: Run | undefined;
  return async ({ progress, signal }) => {
    const run = running ?? startRun(deps);
    if (running === undefined)
      run.closing.addEventListener('abort', () => {
        running = undefined;
      });
    running = run;
    const { promise: left, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(cancelled(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const leave = run.join(progress);
    try {
      return await Promise.race([run.report, left]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      leave();
    }
  };
}

interface Run {
  readonly report: Promise<AuditReport>;
  /** Aborts when nobody may join any more. */
  readonly closing: AbortSignal;
  /** The result is for leaving again. */
  join(progress: Watcher['progress']): () => void;
}

function startRun(deps: VerifyAuditDeps): Run {
  const watchers = new Set<Watcher['progress']>();
  const stop = new AbortController();
  let newest: Progress = { records: 0, total: 0 };
  const tell = (progress: Progress): void => {
    newest = progress;
    for (const each of watchers) each(progress);
  };
  const report = verify(deps, tell, stop.signal).finally(() => stop.abort());
  // Nobody may be there any more to hear of it.
  report.catch(() => {});
  return {
    ...{ report, closing: stop.signal },
    join(progress) {
      watchers.add(progress);
      if (newest.total > 0) progress(newest);
      return () => {
        watchers.delete(progress);
        if (watchers.size === 0) stop.abort();
      };
    },
  };
}

async function verify(
  { read, count, judges }: VerifyAuditDeps,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<AuditReport> {
  const total = await count();
  const verification = createVerification(judges);
  let records = 0;
  tell({ records, total });
  for await (const record of read(signal)) {
    await verification.add(record);
    records += 1;
    if (records % TURN_EVERY === 0) await turn();
    if (records % PROGRESS_EVERY === 0) tell({ records, total: Math.max(total, records) });
    signal.throwIfAborted();
  }
  signal.throwIfAborted();
  tell({ records, total: records });
  return verification.finish();
}

const cancelled = (cause: unknown): AppError =>
  new AppError('CANCELLED', 'Nobody looks on any more', { fix: 'Nothing, if that was meant.', cause });
