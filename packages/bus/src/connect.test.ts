import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { SILENT } from './bus.ts';
import { connectBus } from './connect.ts';

const nats = await testNats();

test('without a broker it fails, unless it is to wait for one', async () => {
  await nats.stop();
  await expect(connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' })).rejects.toMatchObject({
    code: 'BUS_UNAVAILABLE',
  });
  const warnings: string[] = [];
  const log = { ...SILENT, warn: (_: object, message: string) => void warnings.push(message) };
  const waiting = connectBus({
    transport: PLAINTEXT,
    url: nats.url,
    name: 'test',
    waitOnFirstConnect: true,
    log,
  });
  await nats.restart();
  await using bus = await waiting;
  expect(bus.connected()).toBe(true);
  expect(warnings).toEqual(['Waiting for the bus']);
});

test('waiting ends when nobody waits any more', async () => {
  await nats.stop();
  const stop = new AbortController();
  const { signal } = stop;
  const waiting = connectBus({
    transport: PLAINTEXT,
    url: nats.url,
    name: 'test',
    waitOnFirstConnect: true,
    signal,
  });
  const early = expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  setTimeout(() => stop.abort(), 300);
  await early;
  await nats.restart();
  await expect(
    connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test', signal }),
  ).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});
