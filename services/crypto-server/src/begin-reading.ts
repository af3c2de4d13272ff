/** A source whose first chunk is on its way already. */
export interface BegunReading<T> extends AsyncDisposable {
  /** All of it; once. */
  rest(): AsyncGenerator<T, void>;
}

/** Asks for the first chunk now, so that it comes while something else is waited for. What goes wrong is said by `rest`. */
export function beginReading<T>(source: AsyncIterable<T>): BegunReading<T> {
  const iterator = source[Symbol.asyncIterator]();
  const first = iterator.next();
  first.catch(() => undefined);
  const close = async () => {
    await iterator.return?.();
  };
  return {
    async *rest() {
      try {
        for (let next = await first; next.done !== true; next = await iterator.next()) yield next.value;
      } finally {
        await close();
      }
    },
    [Symbol.asyncDispose]: close,
  };
}
