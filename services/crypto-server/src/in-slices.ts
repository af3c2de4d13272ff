const SLICE_MS = 2;

/** Does `work` soon, on this thread. */
export type InSlices = <Result>(work: () => Result) => Promise<Result>;

/**
 * Does what waits in order, for about two milliseconds in a turn of the event loop: a hundred small computations that become
 * possible in the same moment would hold it up like one large one.
 */
export function createInSlices(now: () => number = () => performance.now()): InSlices {
  const waiting: (() => void)[] = [];
  function slice(): void {
    const end = now() + SLICE_MS;
    do waiting.shift()?.();
    while (waiting.length > 0 && now() < end);
    if (waiting.length > 0) setImmediate(slice);
  }
  return (work) => {
    const { promise, resolve, reject } = Promise.withResolvers<ReturnType<typeof work>>();
    const count = waiting.push(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    });
    if (count === 1) setImmediate(slice);
    return promise;
  };
}
