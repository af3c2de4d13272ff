import { createPrometheus } from '@sealtrack/service-kit/prometheus';
import { expect, test } from 'vitest';
import { createSummarize } from './domain/assigned-certificates.ts';
import { watchedOf } from './domain/expiry.ts';
import { createExpiryMetrics } from './expiry-metrics.ts';
import { certificate, inDays, NOW, profile } from './testing/watch-parts.ts';

test('what expires is counted once a certificate, and the soonest of those that have not is the next', async () => {
  const { metrics, render } = createPrometheus();
  const { show } = createExpiryMetrics(metrics);
  /** Without what is true of all of them. */
  const own = async () =>
    [...(await render()).matchAll(/^sealtrack_(.+)$/gm)]
      .map(([, line = '']) => line.replace('certificates_expiring{within=', '').replace('} ', ' '))
      .filter((line) => !line.endsWith(' 0'));
  expect(await own()).toEqual(['next_certificate_expiry_timestamp_seconds +Inf']);

  const days = [-3, 0.5, 6, 13, 29, 60, 61];
  const all = days.map((left, index) => certificate('abcdef0'.charAt(index), left));
  const assignments = [
    profile('demo', '1', all),
    profile('demo', '2', all.slice(0, 3)),
    profile('demo', '3', all.slice(0, 1)),
  ].map((value) => createSummarize()({ kind: 'profile', value }));
  show(watchedOf(assignments), assignments, NOW.getTime());
  expect(await own()).toEqual([
    ...['"60d" 5', '"30d" 4', '"14d" 3', '"7d" 2', '"1d" 1', '"expired" 1'],
    `next_certificate_expiry_timestamp_seconds ${inDays(0.5).getTime() / 1000}`,
    'profiles_without_usable_certificate 1',
  ]);
  show([], [], NOW.getTime());
  expect(await own()).toEqual(['next_certificate_expiry_timestamp_seconds +Inf']);
});
