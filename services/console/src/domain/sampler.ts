export interface Sampler<T> {
  /** @param kind of which at least one is kept where there is room for any. */
  add(kind: string, item: T): void;
  /** What was kept since the last time, in its order. */
  take(): T[];
}

interface Kept<T> {
  readonly kind: string;
  readonly item: T;
}

/**
 * Keeps a part of what comes, at most so many until they are taken: the first ones, but that one of a kind that was not there yet takes
 * the place of one of the kind that there is most of. Among a thousand recordings a second the one certificate is seen.
 * @param room is asked for each.
 */
export function createSampler<T>(room: () => number): Sampler<T> {
  let kept: Kept<T>[] = [];
  let counts = new Map<string, number>();
  return {
    add(kind, item) {
      const count = counts.get(kind) ?? 0;
      if (kept.length >= room()) {
        if (count > 0 || kept.length === 0) return;
        const [most, number] = mostOf(counts);
        if (number < 2) return;
        const last = kept.findLastIndex((each) => each.kind === most);
        kept.splice(last, 1);
        counts.set(most, number - 1);
      }
      kept.push({ kind, item });
      counts.set(kind, count + 1);
    },
    take() {
      const taken = kept.map(({ item }) => item);
      kept = [];
      counts = new Map();
      return taken;
    },
  };
}

function mostOf(counts: ReadonlyMap<string, number>): [kind: string, count: number] {
  let most: [string, number] = ['', 0];
  for (const entry of counts) if (entry[1] > most[1]) most = entry;
  return most;
}
