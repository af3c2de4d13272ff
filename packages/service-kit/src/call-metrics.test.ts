import { expect, test } from 'vitest';
import { createCallMetrics } from './call-metrics.ts';
import { createPrometheus } from './prometheus.ts';

test('calls are counted by what they were and how they ended, and those that were refused by the reason', async () => {
  const { metrics, render } = createPrometheus();
  const calls = createCallMetrics(metrics)(['/sealtrack.seal.v1.SealService/Unseal']);
  calls.underWay(3);
  calls.refused('caller-rate');
  calls.ended('/sealtrack.seal.v1.SealService/Unseal', 'OK', 0.05);
  calls.ended('/sealtrack.seal.v1.SealService/Unseal', 'OK', 30);
  // A path that nobody serves is no label.
  calls.ended('/anything/at-all', 'OK', 1);
  const text = await render();
  for (const line of [
    'sealtrack_rpc_calls 3',
    'sealtrack_rpc_refused_total{reason="caller-rate"} 1',
    'sealtrack_rpc_refused_total{reason="all-calls"} 0',
    'sealtrack_rpc_duration_seconds_bucket{le="0.1",method="SealService/Unseal",status="OK"} 1',
    'sealtrack_rpc_duration_seconds_count{method="SealService/Unseal",status="OK"} 2',
  ])
    expect(text).toContain(line);
  expect(text).not.toContain('at-all');
});
