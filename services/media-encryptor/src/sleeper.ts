/** Something that sleeps until it has something to do. */
export interface Sleeper {
  /** Ends its sleep, or the next one when it does not sleep. */
  wake(): void;
  /** For so many milliseconds, unless it is woken or the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export function createSleeper(): Sleeper {
  let isWoken = false;
  let end = (): void => {};
  return {
    wake() {
      isWoken = true;
      end();
    },
    async sleep(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      end = resolve;
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', end);
      if (isWoken || signal.aborted) resolve();
      await promise;
      isWoken = false;
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    },
  };
}
