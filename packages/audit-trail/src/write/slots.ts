export interface Slots {
  /** True once there is a free one; false when there was none in time. */
  take(withinMs: number): Promise<boolean>;
  give(): void;
}

/** So many at a time, in the order in which they came. */
export function createSlots(count: number): Slots {
  let free = count;
  const waiting = new Set<() => void>();
  return {
    async take(withinMs) {
      if (free > 0) {
        free -= 1;
        return true;
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const wake = (): void => resolve(true);
      const timer = setTimeout(() => {
        waiting.delete(wake);
        resolve(false);
      }, withinMs);
      waiting.add(wake);
      const got = await promise;
      clearTimeout(timer);
      return got;
    },
    give() {
      const [next] = waiting;
      if (next === undefined) free += 1;
      else {
        waiting.delete(next);
        next();
      }
    },
  };
}
