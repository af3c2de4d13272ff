import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { describeBus } from './describe-bus.ts';
import { ensureStreams } from './streams.ts';
import { publishCapture } from './testing/events.ts';

const nats = await testNats();

test('says which streams are missing, and what is in those that are there', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  const before = await describeBus(bus);
  expect(before.jetStream).toBe(true);
  expect(before.version).toMatch(/^2\./);
  expect(before.streams.length).toBeGreaterThanOrEqual(6);
  expect(before.streams.every(({ found }) => found === undefined)).toBe(true);

  await ensureStreams(bus);
  await publishCapture(bus, 'one');
  const { streams, clockAheadMs } = await describeBus(bus);
  expect(streams.find(({ name }) => name === STREAMS.captures)?.found?.messages).toBe(1);
  expect(streams.find(({ name }) => name === STREAMS.audit)?.found?.messages).toBe(0);
  // Both clocks are this machine's.
  expect(Math.abs(clockAheadMs ?? Number.NaN)).toBeLessThan(1_000);
});
