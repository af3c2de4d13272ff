/** What was asked for a short while ago is known still; and who asks meanwhile waits for the same answer. */
export interface Remembered<T> {
  /** Fails as `load` does; a failure is not remembered. */
  get(key: string, load: () => Promise<T>): Promise<T>;
}

const MOST = 1_000;

/** @param ms how long an answer counts. @param now in milliseconds. */
export function createRemembered<T>(ms: number, now: () => number): Remembered<T> {
  const known = new Map<string, { readonly until: number; readonly value: Promise<T> }>();
  return {
    async get(key, load) {
      const found = known.get(key);
      if (found !== undefined && found.until > now()) return await found.value;
      known.delete(key);
      const [oldest] = known.keys();
      if (known.size >= MOST && oldest !== undefined) known.delete(oldest);
      const value = load();
      const entry = { until: now() + ms, value };
      known.set(key, entry);
      try {
        return await value;
      } catch (error) {
        if (known.get(key) === entry) known.delete(key);
        throw error;
      }
    },
  };
}
