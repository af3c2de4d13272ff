import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { describe, expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { captureQueue } from './testing/capture-queue.ts';
import { publishCapture, until } from './testing/events.ts';

const nats = await testNats();

test('each event is handled once, at most `concurrency` at a time, and leaves the queue', async () => {
  await using queue = await captureQueue(nats.url);
  const handled: string[] = [];
  let running = 0;
  let most = 0;
  queue.consume(async (event) => {
    most = Math.max(most, ++running);
    await sleep(5);
    running -= 1;
    handled.push(event.data.recordingId);
  });
  const published = Array.from({ length: 40 }, (_, i) => `r${i}`);
  await Promise.all(published.map((id) => publishCapture(queue.bus, id)));
  await until(async () => (await queue.waiting()) === 0);
  expect(handled.sort()).toEqual(published.sort());
  expect(most).toBe(4);
});

test('two processes share a durable: each event goes to one of them, and a busy one hoards nothing', async () => {
  await using queue = await captureQueue(nats.url);
  await using other = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'other' });
  const { promise: busy, resolve: release } = Promise.withResolvers<void>();
  const handled: string[] = [];
  queue.consume(() => busy, { concurrency: 1 });
  await publishCapture(queue.bus, 'slow');
  await until(async () => {
    const asking = queue.bus.link.manager.consumers.info(STREAMS.captures, 'media-encryptor');
    // It is made while the capture is being published, and may be the later of the two.
    const info = await asking.catch(() => undefined);
    return info?.num_ack_pending === 1;
  });
  queue.consume(async (event) => void handled.push(event.data.recordingId), { concurrency: 1 }, other);
  for (let i = 0; i < 10; i++) await publishCapture(queue.bus, `r${i}`);
  await until(() => handled.length === 10);
  release();
  await until(async () => (await queue.waiting()) === 0);
  expect(new Set(handled).size).toBe(10);
  await queue.stop();
});

test('a failing handler is tried again, and then has its way', async () => {
  await using queue = await captureQueue(nats.url);
  const deliveries: number[] = [];
  queue.consume(async (_, { delivery }) => {
    deliveries.push(delivery);
    if (delivery < 3) throw new Error('not yet');
  });
  await publishCapture(queue.bus, 'r1');
  await until(async () => (await queue.waiting()) === 0);
  expect(deliveries).toEqual([1, 2, 3]);
  expect(await queue.deadLetters()).toEqual([]);
});

test('a handler that takes longer than the ack wait is not run twice', async () => {
  await using queue = await captureQueue(nats.url);
  let runs = 0;
  queue.consume(
    async () => {
      runs += 1;
      await sleep(1_500);
    },
    { ackWaitMs: 300 },
  );
  await publishCapture(queue.bus, 'long');
  await until(async () => (await queue.waiting()) === 0);
  expect(runs).toBe(1);
});

test('a filter that another consumer of the queue has is refused at once', async () => {
  await using queue = await captureQueue(nats.url);
  queue.consume(() => Promise.resolve());
  await publishCapture(queue.bus, 'r1');
  await until(async () => (await queue.waiting()) === 0);
  await expect(
    queue.consume(() => Promise.resolve(), { durable: 'somebody-else', filter: 'captures.demo.>' }),
  ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

describe('stopping', () => {
  test('lets handlers in flight finish, and acknowledges them', async () => {
    await using queue = await captureQueue(nats.url);
    const { promise: finish, resolve: release } = Promise.withResolvers<void>();
    let runs = 0;
    let over = false;
    queue.consume(async () => {
      runs += 1;
      await finish;
    });
    await publishCapture(queue.bus, 'r1');
    await until(() => runs === 1);
    const stopped = queue.stop().then(() => {
      over = true;
    });
    await sleep(100);
    expect(over).toBe(false);
    release();
    await stopped;
    expect(await queue.waiting()).toBe(0);
  });

  test('tells a handler when patience is over, and its event is delivered again at once', async () => {
    await using queue = await captureQueue(nats.url);
    let reason: unknown;
    let runs = 0;
    queue.consume(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          runs += 1;
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(signal.reason);
          });
        }),
      { drainMs: 50, maxDeliver: 1, ackWaitMs: 30_000 },
    );
    await publishCapture(queue.bus, 'r1');
    await until(() => runs === 1);
    await queue.stop();
    expect(reason).toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(await queue.deadLetters()).toEqual([]);
    const later = new AbortController();
    queue.consume(async () => void runs++, { ackWaitMs: 30_000, signal: later.signal });
    await until(async () => (await queue.waiting()) === 0);
    later.abort();
    expect(runs).toBe(2);
  });

  test('gives events back that nobody has begun', async () => {
    await using queue = await captureQueue(nats.url);
    queue.consume(() => Promise.resolve());
    await queue.stop();
    await publishCapture(queue.bus, 'r1');
    expect(await queue.waiting()).toBe(1);
  });
});
