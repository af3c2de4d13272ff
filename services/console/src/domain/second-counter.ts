import type { LiveSecond } from '../api/live.ts';
import { createLatencyHistogram } from './latency-histogram.ts';
import type { Measured } from './measure-recordings.ts';

export type Counted = Omit<LiveSecond, 'at' | 'notShown'>;

/** What happens within one second. */
export interface SecondCounter {
  add(kind: string, measured: Measured): void;
  /** Of all kinds. */
  total(): number;
  /** What there was since the last time. */
  take(): Counted;
}

/** Further kinds within the same second are counted together. */
const KINDS = 64;
const OTHER = 'other';

export function createSecondCounter(): SecondCounter {
  let events = new Map<string, number>();
  let [total, encrypted, bytes] = [0, 0, 0];
  let latency = createLatencyHistogram();
  return {
    add(kind, measured) {
      const name = events.size < KINDS || events.has(kind) ? kind : OTHER;
      events.set(name, (events.get(name) ?? 0) + 1);
      total += 1;
      encrypted += measured.encrypted;
      bytes += measured.bytes;
      if (measured.latencyMs !== undefined) latency.add(measured.latencyMs);
    },
    total: () => total,
    take() {
      const counted = {
        ...{ events: Object.fromEntries(events), encrypted, bytes },
        latencyP50Ms: latency.percentile(0.5),
        latencyP99Ms: latency.percentile(0.99),
      };
      if (total > 0) {
        events = new Map();
        [total, encrypted, bytes] = [0, 0, 0];
        latency = createLatencyHistogram();
      }
      return counted;
    },
  };
}

export const NOTHING_COUNTED: Counted = {
  ...{ events: {}, encrypted: 0, bytes: 0 },
  ...{ latencyP50Ms: null, latencyP99Ms: null },
};
