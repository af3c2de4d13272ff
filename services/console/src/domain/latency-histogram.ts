/** How long things took, in a memory that does not grow with how many there were. */
export interface LatencyHistogram {
  add(ms: number): void;
  /** Within 3 % of the value that so great a part of all is not above, in whole milliseconds; null without any. @param part 0 to 1. */
  percentile(part: number): number | null;
}

/** Each bucket is 6 % wider than the one before: what is said of it is never further than half of that from what it was. */
const GROWTH = Math.log(1.06);
/** Longer than anything that anybody waits for: two years. */
const MAX_BUCKET = 430;

export function createLatencyHistogram(): LatencyHistogram {
  const buckets = new Map<number, number>();
  let count = 0;
  return {
    add(ms) {
      const bucket = bucketOf(ms);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
      count += 1;
    },
    percentile(part) {
      if (count === 0) return null;
      let left = Math.max(1, Math.ceil(count * part));
      const ascending = [...buckets].sort(([one], [other]) => one - other);
      for (const [bucket, each] of ascending) {
        left -= each;
        if (left <= 0) return middleOf(bucket);
      }
      return null;
    },
  };
}

const bucketOf = (ms: number): number =>
  ms < 1 ? 0 : Math.min(MAX_BUCKET, 1 + Math.floor(Math.log(ms) / GROWTH));

const middleOf = (bucket: number): number =>
  bucket === 0 ? 0 : Math.round(Math.exp((bucket - 0.5) * GROWTH));
