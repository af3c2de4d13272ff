import { AppError } from '@sealtrack/errors/app-error';

/** Who may work now, of many who want to; first come, first served, and one with much work takes the place of several. */
export interface Turns {
  /**
   * Resolves when it is the caller's turn, who calls `leave` once when done, with the same weight. Throws TOO_MANY_DECRYPTIONS when as many
   * wait as may, SHUTTING_DOWN, and what `signal` was aborted with (an AppError, or CANCELLED).
   */
  take(weight: number, signal?: AbortSignal): Promise<void>;
  leave(weight: number): void;
  /** Nobody gets a turn any more, not even who waits for one. Resolves when those who have one have left. */
  close(): Promise<void>;
}

interface Waiting {
  readonly weight: number;
  readonly admit: () => void;
  readonly refuse: (error: AppError) => void;
}

/** One that weighs more than `capacity` works alone. `maxWaiting` is a number of callers. */
export function createTurns(capacity: number, maxWaiting: number): Turns {
  const waiting = new Set<Waiting>();
  const allLeft = Promise.withResolvers<void>();
  let taken = 0;
  let isClosed = false;

  const hasRoom = (weight: number): boolean => taken === 0 || taken + weight <= capacity;

  const wait = (weight: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        waiting.delete(entry);
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const entry: Waiting = {
        weight,
        admit: () => end(resolve),
        refuse: (error) => end(() => reject(error)),
      };
      const onAbort = () => entry.refuse(abortedBy(signal));
      signal?.addEventListener('abort', onAbort);
      waiting.add(entry);
    });

  return {
    async take(weight, signal) {
      if (isClosed) throw shuttingDown();
      if (signal?.aborted) throw abortedBy(signal);
      if (waiting.size === 0 && hasRoom(weight)) {
        taken += weight;
        return;
      }
      if (waiting.size >= maxWaiting) throw tooMany(maxWaiting);
      await wait(weight, signal);
    },
    leave(weight) {
      taken -= weight;
      for (const next of waiting) {
        if (!hasRoom(next.weight)) break;
        taken += next.weight;
        next.admit();
      }
      if (isClosed && taken === 0) allLeft.resolve();
    },
    close() {
      isClosed = true;
      for (const each of [...waiting]) each.refuse(shuttingDown());
      if (taken === 0) allLeft.resolve();
      return allLeft.promise;
    },
  };
}

export function abortedBy(signal: AbortSignal | undefined): AppError {
  if (signal?.reason instanceof AppError) return signal.reason;
  return new AppError('CANCELLED', 'Decrypting the session key was cancelled', {
    fix: 'Ask again when it is wanted.',
    cause: signal?.reason,
  });
}

const shuttingDown = () =>
  new AppError('SHUTTING_DOWN', 'This instance is stopping and decrypts no more session keys', {
    fix: 'Ask again: another instance answers, or this one after its restart.',
  });

const tooMany = (maxWaiting: number) =>
  new AppError('TOO_MANY_DECRYPTIONS', `${maxWaiting} session keys wait to be decrypted already`, {
    fix: 'Ask again in a moment. If it lasts, raise SEALTRACK_UNWRAP_THREADS or start more crypto servers.',
  });
