/** How many there are of each, without remembering those of which there are none. */
export interface Tally {
  of(key: string): number;
  /** One more. The result takes it away again. */
  add(key: string): () => void;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  const of = (key: string): number => counts.get(key) ?? 0;
  return {
    of,
    add(key) {
      counts.set(key, of(key) + 1);
      return () => {
        const left = of(key) - 1;
        if (left <= 0) counts.delete(key);
        else counts.set(key, left);
      };
    },
  };
}
