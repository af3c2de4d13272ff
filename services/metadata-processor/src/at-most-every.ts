/** Does it for each key at most once in so many milliseconds, and resolves when it is done; what comes sooner is left out. */
export function atMostEvery<Key>(
  ms: number,
  work: (key: Key) => Promise<void>,
  now: () => number = () => performance.now(),
): (key: Key) => Promise<void> {
  const done = new Map<Key, number>();
  return async (key) => {
    const last = done.get(key);
    if (last !== undefined && now() - last < ms) return;
    done.set(key, now());
    await work(key);
  };
}
