/**
 * `work` on each, so many at a time, in order. After the first that fails none is begun any more, and what it failed with is
 * thrown when those that were begun have ended.
 */
export async function eachOf<T, Result>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  let hasFailed = false;
  async function goOn(): Promise<void> {
    for (const [index, item] of left) {
      try {
        results[index] = await work(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
      if (hasFailed) return;
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, goOn));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
  return results;
}
