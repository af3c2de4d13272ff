/** How many failures somebody may have with something. A full budget is forgotten. */
export interface FailureBudget {
  /** Milliseconds until one more may be tried; 0 when it may be now. */
  waitMs(id: string): number;
  failed(id: string): void;
  /** How many have failed lately. */
  readonly size: number;
}

interface Spent {
  left: number;
  at: number;
}

const MINUTE_MS = 60_000;

/**
 * `perMinute` failures at once for each, which come back one by one, all within a minute. What is under way when a budget is used
 * up runs to its end, and counts: then it takes as much longer until there is room again.
 * @param now milliseconds of a clock that never goes back.
 */
export function createFailureBudget(perMinute: number, now: () => number): FailureBudget {
  const perMs = perMinute / MINUTE_MS;
  const budgets = new Map<string, Spent>();
  let looked = budgets.entries();

  const leftNow = ({ left, at }: Spent, time: number) => Math.min(perMinute, left + (time - at) * perMs);

  /** Two for each that comes, so that no more are kept than twice those that failed within minutes. */
  function forgetSome(time: number): void {
    for (let i = 0; i < 2; i += 1) {
      const next = looked.next();
      if (next.done) {
        looked = budgets.entries();
        return;
      }
      const [id, spent] = next.value;
      if (leftNow(spent, time) >= perMinute) budgets.delete(id);
    }
  }

  return {
    waitMs(id) {
      const spent = budgets.get(id);
      const left = spent === undefined ? perMinute : leftNow(spent, now());
      return left >= 1 ? 0 : Math.ceil((1 - left) / perMs);
    },
    failed(id) {
      const time = now();
      const spent = budgets.get(id);
      // No deeper than a minute, however much was under way.
      if (spent !== undefined) spent.left = Math.max(-perMinute, leftNow(spent, time) - 1);
      else {
        forgetSome(time);
        budgets.set(id, { left: perMinute - 1, at: time });
        return;
      }
      spent.at = time;
    },
    get size() {
      return budgets.size;
    },
  };
}
