/** The first message of a stream, undefined when there is none, and the stream with it still in front. */
export async function firstOf<T>(
  messages: AsyncGenerator<T, void>,
): Promise<{ readonly first: T | undefined; readonly all: AsyncGenerator<T, void> }> {
  const next = await messages.next();
  return next.done
    ? { first: undefined, all: messages }
    : { first: next.value, all: startingWith(next.value, messages) };
}

async function* startingWith<T>(first: T, rest: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  yield first;
  yield* rest;
}
