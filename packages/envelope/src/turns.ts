import { AppError } from '@sealtrack/errors/app-error';

/** Who may work now, of many who want to; first come, first served. */
export interface Turns {
  /**
   * Resolves when it is the caller's turn, who calls `leave` once when done. Throws TOO_MANY_DECRYPTIONS when as many
   * wait as may, SHUTTING_DOWN, and what `signal` was aborted with (an AppError, or CANCELLED).
   */
  take(signal?: AbortSignal): Promise<void>;
  leave(): void;
  /** Nobody gets a turn any more, not even who waits for one. Resolves when those who have one have left. */
  close(): Promise<void>;
}

interface Waiting {
  readonly admit: () => void;
  readonly refuse: (error: AppError) => void;
}

export function createTurns(atOnce: number, maxWaiting: number): Turns {
  const waiting = new Set<Waiting>();
  const allLeft = Promise.withResolvers<void>();
  let taken = 0;
  let isClosed = false;

  const wait = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        waiting.delete(entry);
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const entry: Waiting = { admit: () => end(resolve), refuse: (error) => end(() => reject(error)) };
      const onAbort = () => entry.refuse(abortedBy(signal));
      signal?.addEventListener('abort', onAbort);
      waiting.add(entry);
    });

  return {
    async take(signal) {
      if (isClosed) throw shuttingDown();
      if (signal?.aborted) throw abortedBy(signal);
      if (taken < atOnce) {
        taken += 1;
        return;
      }
      if (waiting.size >= maxWaiting) throw tooMany(maxWaiting);
      await wait(signal);
    },
    leave() {
      const [next] = waiting;
      if (next !== undefined) return next.admit();
      taken -= 1;
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
