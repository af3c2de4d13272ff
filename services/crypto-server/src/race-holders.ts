import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { pause } from '@sealtrack/service-kit/pause';
import { unlessAborted } from './unless-aborted.ts';

/** What came of asking for one certificate's key once. */
export type Attempt<T> =
  | { readonly found: T }
  /** Nobody else is asked for this certificate's. */
  | { readonly refused: AppError }
  /** Another holder may say something else, or the same one later. */
  | { readonly again: AppError };

export interface RaceOptions {
  /** From one attempt to the next while the one before has no answer: a holder that hangs costs no more. */
  readonly everyMs: number;
  /** For all of it. */
  readonly totalMs: number;
}

interface Standing<Id extends string> {
  readonly certificateId: Id;
  underWay: number;
  /** How often somebody said that another may be asked. */
  answers: number;
  isOver: boolean;
  error: AppError | undefined;
}

const MAX_ANSWERS = 3;
const BETWEEN_MS = 100;

/**
 * Asks for the certificates' keys in order, over and over, until one is found, none is left to be asked for, or the time is up.
 * Attempts that have no answer go on beside the next ones, and the first that finds one wins: the others are aborted.
 * @throws AppError what stands in the way, the most hopeful first; at once what an attempt throws.
 */
export async function raceHolders<Id extends string, T>(
  certificateIds: readonly Id[],
  attempt: (certificateId: Id, signal: AbortSignal) => Promise<Attempt<T>>,
  { everyMs, totalMs }: RaceOptions,
  caller: AbortSignal,
): Promise<T> {
  const standings = [...new Set(certificateIds)].map(begin<Id>);
  const over = new AbortController();
  const signal = AbortSignal.any([caller, over.signal]);
  const won = Promise.withResolvers<T>();
  won.promise.catch(() => over.abort());
  const until = performance.now() + totalMs;
  const isOpen = () => !over.signal.aborted && !caller.aborted && performance.now() < until;

  async function tryOne(standing: Standing<Id>): Promise<void> {
    standing.underWay += 1;
    try {
      const outcome = await attempt(standing.certificateId, signal);
      if ('found' in outcome) {
        over.abort();
        won.resolve(outcome.found);
      } else note(standing, outcome);
    } catch (error) {
      // What was only aborted because another one won is nobody's business.
      if (!over.signal.aborted) won.reject(error);
    } finally {
      standing.underWay -= 1;
    }
  }

  async function tryAll(): Promise<never> {
    const all: Promise<void>[] = [];
    for (let left = standings; left.length > 0 && isOpen(); left = left.filter(({ isOver }) => !isOver))
      for (const standing of left) {
        if (standing.answers > 0) await pause(BETWEEN_MS * standing.answers, signal);
        if (!isOpen()) break;
        const trying = tryOne(standing);
        all.push(trying);
        await Promise.race([trying, pause(everyMs, signal)]);
      }
    // A holder that is about to end still answers what it has begun.
    await Promise.race([Promise.all(all), pause(everyMs, signal)]);
    throw worst(standings.map(({ certificateId, error }) => error ?? late(certificateId)));
  }

  try {
    return await unlessAborted(Promise.race([won.promise, tryAll()]), caller);
  } finally {
    over.abort();
  }
}

const begin = <Id extends string>(certificateId: Id): Standing<Id> => ({
  ...{ certificateId, underWay: 0, answers: 0, isOver: false, error: undefined },
});

function note(
  standing: Standing<string>,
  outcome: { readonly refused: AppError } | { readonly again: AppError },
): void {
  if ('refused' in outcome) {
    standing.isOver = true;
    // Somebody was there a moment ago, and has not answered.
    const hasGone = standing.underWay > 1 && hasCode(outcome.refused, 'KEY_NOT_HELD');
    standing.error = hasGone ? late(standing.certificateId) : outcome.refused;
  } else {
    standing.answers += 1;
    standing.isOver = standing.answers >= MAX_ANSWERS;
    standing.error = outcome.again;
  }
}

/** Those that may go away by themselves first, and what says least last. */
const BY_HOPE: readonly ErrorCode[] = [
  ...(['TOO_MANY_DECRYPTIONS', 'TOO_MANY_CALLS', 'TOO_MANY_FAILURES', 'SERVICE_UNAVAILABLE'] as const),
  ...(['PERMISSION_DENIED', 'TICKET_INVALID', 'SEAL_BROKEN', 'CERTIFICATE_DELETED'] as const),
];

function worst(errors: readonly AppError[]): AppError | undefined {
  for (const code of BY_HOPE) {
    const found = errors.find((error) => error.code === code);
    if (found !== undefined) return found;
  }
  return errors[0];
}

export const late = (certificateId: string): AppError =>
  new AppError('SERVICE_UNAVAILABLE', 'No crypto server that holds the key has answered in time', {
    fix: 'Try again. If it lasts, look how the crypto servers do that hold the key of the certificate in certificate_id (sealtrack doctor).',
    details: { certificate_id: certificateId },
  });
