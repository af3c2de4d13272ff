import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Labels, Metrics } from './metrics.ts';

export interface Prometheus {
  readonly metrics: Metrics;
  readonly contentType: string;
  /** All metrics as they are now, in Prometheus' text format. */
  render(): Promise<string>;
}

/**
 * A registry, and in it what Node says of its process: processor time, memory, open files, garbage collection, and how late
 * the event loop is.
 */
export function createPrometheus(): Prometheus {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const options = (name: string, help: string, labels: Labels = {}) => ({
    name,
    help,
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  const metrics: Metrics = {
    counter: (name, help, labels) => {
      const counter = new Counter(options(name, help, labels));
      for (const values of combinations(labels ?? {})) counter.inc(values, 0);
      return { add: (amount, ...[values = {}]) => counter.inc(values, amount) };
    },
    gauge: (name, help, labels) => {
      const gauge = new Gauge(options(name, help, labels));
      return { set: (value, ...[values = {}]) => gauge.set(values, value) };
    },
    histogram: (name, help, buckets, labels) => {
      const histogram = new Histogram({ ...options(name, help, labels), buckets: [...buckets] });
      return { observe: (value, ...[values = {}]) => histogram.observe(values, value) };
    },
  };
  return { metrics, contentType: registry.contentType, render: () => registry.metrics() };
}

const combinations = (labels: Labels): Record<string, string>[] =>
  Object.entries(labels).reduce<Record<string, string>[]>(
    (before, [name, values]) => before.flatMap((each) => values.map((value) => ({ ...each, [name]: value }))),
    [{}],
  );
