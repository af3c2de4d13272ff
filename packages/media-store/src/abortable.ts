import { AppError } from '@sealtrack/errors/app-error';

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

/** The signal's own AppError (SHUTTING_DOWN, DEADLINE_EXCEEDED), or CANCELLED. */
function aborted(signal: AbortSignal): AppError {
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError('CANCELLED', 'The transfer was cancelled', {
    fix: 'Nothing of it was kept. Start it again when it is wanted.',
    cause: signal.reason,
  });
}

/** `source`, ending with an error as soon as `signal` aborts, even while the source makes us wait for a chunk. */
export async function* abortable<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  throwIfAborted(signal);
  const iterator = source[Symbol.asyncIterator]();
  let finished = false;
  try {
    for (;;) {
      const result = await nextOrAbort(iterator, signal);
      finished = result.done === true;
      if (result.done) return;
      yield result.value;
      throwIfAborted(signal);
    }
  } catch (error) {
    finished = !signal.aborted;
    throw error;
  } finally {
    // Not awaited: a generator that hangs in its own await would hold us up for ever.
    if (!finished) iterator.return?.()?.then(undefined, () => undefined);
  }
}

// A listener per chunk, taken off again: racing one long-lived promise would keep every chunk's reaction alive.
function nextOrAbort<T>(iterator: AsyncIterator<T>, signal: AbortSignal): Promise<IteratorResult<T>> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
