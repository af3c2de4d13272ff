/** Values by key, each there for as long as somebody else holds it. */
export interface Interned<Value> {
  /** The one that there is, or else what `make` makes. */
  get(key: string, make: () => Value): Value;
}

export function createInterned<Value extends object>(): Interned<Value> {
  const held = new Map<string, WeakRef<Value>>();
  const collected = new FinalizationRegistry<string>((key) => {
    // Another may have been made under the key before this was noticed.
    if (held.get(key)?.deref() === undefined) held.delete(key);
  });
  return {
    get(key, make) {
      const there = held.get(key)?.deref();
      if (there !== undefined) return there;
      const value = make();
      held.set(key, new WeakRef(value));
      collected.register(value, key);
      return value;
    },
  };
}
