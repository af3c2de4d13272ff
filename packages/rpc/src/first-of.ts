import { AppError } from '@sealtrack/errors/app-error';

/** How long a stream may take to say what it is about, in milliseconds. */
const WITHIN_MS = 60_000;

/**
 * The first message of a stream, undefined when there is none, and the stream with it still in front.
 * @throws AppError DEADLINE_EXCEEDED when it does not come in time.
 */
export async function firstOf<T>(
  messages: AsyncGenerator<T, void>,
): Promise<{ readonly first: T | undefined; readonly all: AsyncGenerator<T, void> }> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(nothingCame()), WITHIN_MS);
  try {
    const next = await Promise.race([messages.next(), late.promise]);
    return next.done
      ? { first: undefined, all: messages }
      : { first: next.value, all: startingWith(next.value, messages) };
  } finally {
    clearTimeout(timer);
  }
}

async function* startingWith<T>(first: T, rest: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  yield first;
  yield* rest;
}

const nothingCame = () =>
  new AppError('DEADLINE_EXCEEDED', `Nothing of the call arrived for ${WITHIN_MS / 1000} seconds`, {
    fix: 'Make the same call again, and send its first message at once.',
  });
