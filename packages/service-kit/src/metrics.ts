/** The labels of a metric, each with every value that it can have: what may be anything, such as an id, is no label. */
export type Labels = Readonly<Record<string, readonly string[]>>;

/** Nothing for a metric without labels, and otherwise one value for each. */
export type LabelValues<L extends Labels> = keyof L extends never
  ? []
  : [values: { readonly [Name in keyof L]: L[Name][number] }];

export interface Counter<L extends Labels = Record<never, never>> {
  /** `amount` is 0 or more. */
  add(amount: number, ...values: LabelValues<L>): void;
}

export interface Gauge<L extends Labels = Record<never, never>> {
  set(value: number, ...values: LabelValues<L>): void;
}

export interface Histogram<L extends Labels = Record<never, never>> {
  /** In the unit of the name: seconds or bytes. */
  observe(value: number, ...values: LabelValues<L>): void;
}

/**
 * Makes the metrics of a service, each once. Names are those of Prometheus (https://prometheus.io/docs/practices/naming/);
 * each has its row in docs/operations.md. Help and label values are public: nothing of a tenant, and no secret.
 */
export interface Metrics {
  /** Begins at 0 with each combination of labels, so that the first increase shows as one. */
  counter<const L extends Labels = Record<never, never>>(
    name: `sealtrack_${string}_total`,
    help: string,
    labels?: L,
  ): Counter<L>;
  gauge<const L extends Labels = Record<never, never>>(
    name: `sealtrack_${string}`,
    help: string,
    labels?: L,
  ): Gauge<L>;
  /** `buckets` are upper bounds, ascending. */
  histogram<const L extends Labels = Record<never, never>>(
    name: `sealtrack_${string}_${'seconds' | 'bytes'}`,
    help: string,
    buckets: readonly number[],
    labels?: L,
  ): Histogram<L>;
}

/** For a process whose metrics nobody reads, and for tests. */
export const noMetrics: Metrics = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ set: () => {} }),
  histogram: () => ({ observe: () => {} }),
};
