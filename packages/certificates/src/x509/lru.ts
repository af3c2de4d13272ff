/** The last values that were asked for, by key. */
export interface Lru<Value> {
  /** Makes it if it is not there. What `make` throws is not kept. */
  get(key: string, make: () => Value): Value;
}

export function createLru<Value>(max: number): Lru<Value> {
  // A Map keeps its order: the first is the one that was not asked for the longest.
  const values = new Map<string, Value>();
  return {
    get(key, make) {
      const value = values.get(key) ?? make();
      values.delete(key);
      values.set(key, value);
      if (values.size > max) values.delete(values.keys().next().value ?? key);
      return value;
    },
  };
}
