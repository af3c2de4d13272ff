/** Does it for each key at most once in so many milliseconds; what comes sooner is left out. */
export function atMostEvery<Key>(
  ms: number,
  work: (key: Key) => void,
  now: () => number = () => performance.now(),
): (key: Key) => void {
  const done = new Map<Key, number>();
  return (key) => {
    const last = done.get(key);
    if (last !== undefined && now() - last < ms) return;
    done.set(key, now());
    work(key);
  };
}
