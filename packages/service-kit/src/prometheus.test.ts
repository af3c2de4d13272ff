import { expect, test } from 'vitest';
import { createPrometheus } from './prometheus.ts';

const linesOf = async ({ render }: ReturnType<typeof createPrometheus>) =>
  (await render()).split('\n').filter((line) => line.startsWith('sealtrack_'));

test('a counter is there with each combination of labels before the first of them happened', async () => {
  const prometheus = createPrometheus();
  const counter = prometheus.metrics.counter('sealtrack_tries_total', 'Tries', {
    outcome: ['done', 'failed'],
    door: ['grpc', 'bus'],
  });
  counter.add(2, { outcome: 'done', door: 'bus' });
  expect(await linesOf(prometheus)).toEqual([
    'sealtrack_tries_total{outcome="done",door="grpc"} 0',
    'sealtrack_tries_total{outcome="done",door="bus"} 2',
    'sealtrack_tries_total{outcome="failed",door="grpc"} 0',
    'sealtrack_tries_total{outcome="failed",door="bus"} 0',
  ]);
});

test('a gauge is what it was set to, a histogram counts up to each bound', async () => {
  const prometheus = createPrometheus();
  const { metrics } = prometheus;
  const sealed = metrics.gauge('sealtrack_sealed', 'Sealed', { store: ['keys'] });
  sealed.set(1, { store: 'keys' });
  sealed.set(0, { store: 'keys' });
  const seconds = metrics.histogram('sealtrack_work_seconds', 'Work', [0.1, 1]);
  for (const value of [0.05, 0.5, 5]) seconds.observe(value);
  expect(await linesOf(prometheus)).toEqual([
    'sealtrack_sealed{store="keys"} 0',
    'sealtrack_work_seconds_bucket{le="0.1"} 1',
    'sealtrack_work_seconds_bucket{le="1"} 2',
    'sealtrack_work_seconds_bucket{le="+Inf"} 3',
    'sealtrack_work_seconds_sum 5.55',
    'sealtrack_work_seconds_count 3',
  ]);
});

test('a name belongs to one metric', () => {
  const { metrics } = createPrometheus();
  metrics.counter('sealtrack_tries_total', 'Tries');
  expect(() => metrics.counter('sealtrack_tries_total', 'Others')).toThrow('sealtrack_tries_total');
});

test('types leave no room for labels that were not declared', () => {
  const { metrics } = createPrometheus();
  const plain = metrics.counter('sealtrack_plain_total', 'Plain');
  const labelled = metrics.counter('sealtrack_labelled_total', 'Labelled', { outcome: ['done'] });
  // @ts-expect-error It has no labels.
  const withLabels = () => plain.add(1, { outcome: 'done' });
  // @ts-expect-error Its label is missing.
  const withoutLabels = () => labelled.add(1);
  // @ts-expect-error No such value was declared.
  const anyValue = () => labelled.add(1, { outcome: 'tenant-1' });
  // @ts-expect-error A counter is a total.
  const badName = () => metrics.counter('sealtrack_tries', 'Tries');
  for (const wrong of [withLabels, withoutLabels, anyValue, badName]) expect(wrong).toBeTypeOf('function');
});
