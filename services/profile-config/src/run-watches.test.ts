import { connectBus } from '@sealtrack/bus/connect';
import { createPrometheus } from '@sealtrack/service-kit/prometheus';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { runWatches } from './run-watches.ts';
import { certificate, idOf, NOW, profile, saidOf, watchParts } from './testing/watch-parts.ts';

const server = await testNats();
const bus = await connectBus({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());

test('both watches begin at once, and end when they are told to, in the middle of a pause', async () => {
  const { saveProfile, profileOf, ...parts } = await watchParts(bus);
  await saveProfile(profile('demo', '1', [certificate('a', 5), certificate('b', 500)]));
  const { metrics, render } = createPrometheus();
  const revocations = { of: async () => new Set([idOf('b')]) };
  const stop = new AbortController();
  const watches = runWatches({ ...parts, metrics, revocations, clock: () => NOW }, stop.signal);
  await expect
    .poll(async () => (await saidOf(bus, 'demo')).map(({ happened }) => happened).sort())
    .toEqual(['expiring', 'revoked']);
  expect((await profileOf('demo', '1')).certificates.map(({ revoked }) => revoked)).toEqual([false, true]);
  expect(await render()).toContain('sealtrack_certificates_expiring{within="7d"} 1\n');
  stop.abort();
  await watches;
  expect(parts.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
