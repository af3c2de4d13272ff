/**
 * Gives what waits for it, one after the other, a turn of the event loop of its own: a hundred small computations that
 * become possible in the same moment would hold it up like one large one.
 */
export function createOwnTurn(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  function next(): void {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  }
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(next);
    });
}
