import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { describe, expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { captureQueue } from './testing/capture-queue.ts';
import { publishCapture, until } from './testing/events.ts';
import { faultyWire } from './testing/faulty-wire.ts';

const nats = await testNats();

describe('when things break', () => {
  test('a broker that is killed in the middle loses nothing, and consuming goes on', async () => {
    await using queue = await captureQueue(nats.url);
    const handled = new Set<string>();
    queue.consume(async (event) => {
      await sleep(20);
      handled.add(event.data.recordingId);
    });
    for (let i = 0; i < 60; i++) await publishCapture(queue.bus, `r${i}`);
    await until(() => handled.size > 10);
    await nats.kill();
    await nats.restart();
    await until(() => handled.size === 60);
    await publishCapture(queue.bus, 'afterwards');
    await until(async () => handled.has('afterwards') && (await queue.waiting()) === 0);
    expect(handled.size).toBe(61);
    expect(await queue.deadLetters()).toEqual([]);
  });

  test('a handler that runs through a broker restart is not started again beside itself', async () => {
    await using queue = await captureQueue(nats.url);
    let runs = 0;
    queue.consume(
      async () => {
        runs += 1;
        await sleep(2_500);
      },
      { ackWaitMs: 500 },
    );
    await publishCapture(queue.bus, 'long');
    await until(() => runs === 1);
    await nats.kill();
    await sleep(700);
    await nats.restart();
    await until(async () => queue.bus.connected() && (await queue.waiting()) === 0);
    expect(runs).toBe(1);
  });

  test('an acknowledgement that got lost is repeated', async () => {
    await using queue = await captureQueue(nats.url);
    await using wire = await faultyWire(nats.url);
    await using far = await connectBus({ transport: PLAINTEXT, url: wire.url, name: 'far' });
    let runs = 0;
    queue.consume(
      async () => {
        runs += 1;
        wire.swallowReplies();
        setTimeout(wire.cut, 100);
      },
      { ackWaitMs: 5_000 },
      far,
    );
    await publishCapture(queue.bus, 'r1');
    await until(async () => (await queue.waiting()) === 0);
    await until(() => far.connected());
    await queue.stop();
    expect(runs).toBe(1);
  });

  test('the event of a process that died goes to another', async () => {
    await using queue = await captureQueue(nats.url);
    const mortal = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'mortal' });
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const running = queue.consume(
      async () => {
        start();
        await mortal.link.connection.close();
      },
      { ackWaitMs: 300 },
      mortal,
    );
    await publishCapture(queue.bus, 'r1');
    await started;
    await expect(running).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    const deliveries: number[] = [];
    queue.consume(async (_, { delivery }) => void deliveries.push(delivery), { ackWaitMs: 300 });
    await until(async () => (await queue.waiting()) === 0);
    expect(deliveries).toEqual([2]);
  });

  test('the consumer being deleted under it does not stop it', async () => {
    await using queue = await captureQueue(nats.url);
    const handled: string[] = [];
    queue.consume(async (event) => void handled.push(event.data.recordingId));
    await publishCapture(queue.bus, 'before');
    await until(() => handled.length === 1);
    await queue.bus.link.manager.consumers.delete(STREAMS.captures, 'media-encryptor');
    await publishCapture(queue.bus, 'after');
    await until(() => handled.length === 2);
    expect(handled).toEqual(['before', 'after']);
  });
});
