import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { RecordingCaptured } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { testNats } from '@sealtrack/testkit/test-servers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bus } from './bus.ts';
import { connectBus } from './connect.ts';
import { type ConsumeOptions, consumeEvents } from './consume.ts';
import { listDeadLetters } from './dead-letters.ts';
import { ensureStreams } from './streams.ts';
import { publishCapture, until } from './testing/events.ts';
import { faultyWire } from './testing/faulty-wire.ts';

const nats = await testNats();
let bus: Bus;
let stop: AbortController;
const consuming: Promise<void>[] = [];

beforeEach(async () => {
  stop = new AbortController();
  bus = await connectBus({ url: nats.url, name: 'test' });
  await bus.link.manager.streams.delete(STREAMS.captures).catch(() => {});
  await bus.link.manager.streams.delete(STREAMS.deadLetters).catch(() => {});
  await ensureStreams(bus);
});
afterEach(async () => {
  stop.abort();
  await Promise.all(consuming.splice(0));
  await bus[Symbol.asyncDispose]();
});

type Options = ConsumeOptions<RecordingCaptured>;
const consume = (
  handle: Options['handle'],
  overrides: Partial<Options> = {},
  on: Bus = bus,
): Promise<void> => {
  const running = consumeEvents(on, {
    stream: STREAMS.captures,
    durable: 'media-encryptor',
    filter: SUBJECTS.allCaptures,
    kind: EVENT_KINDS.recordingCaptured,
    concurrency: 4,
    maxDeliver: 3,
    backoffMs: [10],
    ackWaitMs: 1_000,
    handle,
    signal: stop.signal,
    ...overrides,
  });
  consuming.push(running);
  return running;
};

const waiting = async (): Promise<number> =>
  (await bus.link.manager.streams.info(STREAMS.captures)).state.messages;
const deadLetters = () => Array.fromAsync(listDeadLetters(bus));
const unknownProfile = () =>
  new AppError('PROFILE_NOT_FOUND', 'There is no profile 101', { fix: 'Create profile 101, then retry.' });
const empty = () =>
  new AppError('MEDIA_EMPTY', 'The recording has no bytes', { fix: 'Send the recording again.' });

test('each event is handled once, at most `concurrency` at a time, and leaves the queue', async () => {
  const handled: string[] = [];
  let running = 0;
  let most = 0;
  consume(async (event) => {
    most = Math.max(most, ++running);
    await sleep(5);
    running -= 1;
    handled.push(event.data.recordingId);
  });
  const published = Array.from({ length: 40 }, (_, i) => `r${i}`);
  await Promise.all(published.map((id) => publishCapture(bus, id)));
  await until(async () => (await waiting()) === 0);
  expect(handled.sort()).toEqual(published.sort());
  expect(most).toBe(4);
});

test('two processes share a durable: each event goes to one of them, and a busy one hoards nothing', async () => {
  await using other = await connectBus({ url: nats.url, name: 'other' });
  const { promise: busy, resolve: release } = Promise.withResolvers<void>();
  const handled: string[] = [];
  consume(() => busy, { concurrency: 1 });
  await publishCapture(bus, 'slow');
  await until(async () => {
    const info = await bus.link.manager.consumers.info(STREAMS.captures, 'media-encryptor');
    return info.num_ack_pending === 1;
  });
  consume(async (event) => void handled.push(event.data.recordingId), { concurrency: 1 }, other);
  for (let i = 0; i < 10; i++) await publishCapture(bus, `r${i}`);
  await until(() => handled.length === 10);
  release();
  await until(async () => (await waiting()) === 0);
  expect(new Set(handled).size).toBe(10);
  stop.abort();
  await Promise.all(consuming.splice(0));
});

test('a failing handler is tried again, and then has its way', async () => {
  const deliveries: number[] = [];
  consume(async (_, { delivery }) => {
    deliveries.push(delivery);
    if (delivery < 3) throw new Error('not yet');
  });
  await publishCapture(bus, 'r1');
  await until(async () => (await waiting()) === 0);
  expect(deliveries).toEqual([1, 2, 3]);
  expect(await deadLetters()).toEqual([]);
});

test('a handler that takes longer than the ack wait is not run twice', async () => {
  let runs = 0;
  consume(
    async () => {
      runs += 1;
      await sleep(1_500);
    },
    { ackWaitMs: 300 },
  );
  await publishCapture(bus, 'long');
  await until(async () => (await waiting()) === 0);
  expect(runs).toBe(1);
});

describe('an event that cannot succeed', () => {
  test('becomes a dead letter when its retries are used up, with the reason and the next step', async () => {
    const announced: unknown[] = [];
    consume(() => Promise.reject(unknownProfile()), {
      onDeadLetter: async (letter, event) => void announced.push([letter.sequence, event?.data.recordingId]),
    });
    await publishCapture(bus, 'r1');
    await until(async () => (await waiting()) === 0);
    const letters = await deadLetters();
    expect(letters).toMatchObject([
      {
        subject: 'captures.demo.101',
        reason: 'PROFILE_NOT_FOUND',
        message: 'There is no profile 101',
        nextStep: 'Create profile 101, then retry.',
        attempts: 3,
        headers: { 'ce-id': 'captured:r1', 'ce-type': 'sealtrack.recording.captured.v1' },
      },
    ]);
    expect(announced).toEqual([[letters[0]?.sequence, 'r1']]);
  });

  test('is not retried when its error says that this is no use', async () => {
    consume(() => Promise.reject(empty()));
    await publishCapture(bus, 'r1');
    await until(async () => (await waiting()) === 0);
    expect(await deadLetters()).toMatchObject([{ reason: 'MEDIA_EMPTY', attempts: 1 }]);
  });

  test('and cannot even be read goes the same way, body and all', async () => {
    const handled: unknown[] = [];
    const announced: unknown[] = [];
    consume(async (event) => void handled.push(event), {
      onDeadLetter: async (_, event) => void announced.push(event),
    });
    await bus.link.jetstream.publish('captures.demo.101', 'this is no JSON');
    await until(async () => (await waiting()) === 0);
    const [letter] = await deadLetters();
    expect(letter).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      nextStep: expect.stringContaining('docs/events.md'),
    });
    expect(Buffer.from(letter?.body ?? []).toString()).toBe('this is no JSON');
    expect(handled).toEqual([]);
    expect(announced).toEqual([undefined]);
  });

  test('stays in the queue while its dead letter cannot be stored', async () => {
    await bus.link.manager.streams.update(STREAMS.deadLetters, { max_msgs: 1 });
    await bus.link.jetstream.publish('dead-letters.filler', 'x');
    let runs = 0;
    consume(
      async () => {
        runs += 1;
        throw empty();
      },
      { deadLetterTimeoutMs: 200 },
    );
    await publishCapture(bus, 'r1');
    await until(() => runs >= 2);
    expect(await waiting()).toBe(1);
    await bus.link.manager.streams.update(STREAMS.deadLetters, { max_msgs: -1 });
    await until(async () => (await waiting()) === 0);
    expect((await deadLetters()).filter((letter) => letter.reason === 'MEDIA_EMPTY')).toHaveLength(1);
  });

  test('has one dead letter, however often announcing it fails', async () => {
    let announcements = 0;
    consume(() => Promise.reject(empty()), {
      onDeadLetter: async () => {
        announcements += 1;
        if (announcements < 3) throw new Error('the bus hiccups');
      },
    });
    await publishCapture(bus, 'r1');
    await until(async () => (await waiting()) === 0);
    expect(announcements).toBe(3);
    expect(await deadLetters()).toHaveLength(1);
  });

  test('because it kills the process each time is given up unhandled', async () => {
    const handled: number[] = [];
    for (let life = 0; life < 6; life++) {
      const process = await connectBus({ url: nats.url, name: 'mortal' });
      const { promise: dying, resolve: dies } = Promise.withResolvers<void>();
      const running = consumeEvents(process, {
        stream: STREAMS.captures,
        durable: 'media-encryptor',
        filter: SUBJECTS.allCaptures,
        kind: EVENT_KINDS.recordingCaptured,
        concurrency: 1,
        maxDeliver: 3,
        backoffMs: [10],
        ackWaitMs: 300,
        handle: async (_, { delivery }) => {
          handled.push(delivery);
          dies();
          await process.link.connection.close();
          throw new Error('gone');
        },
        signal: stop.signal,
      });
      if (life === 0) await publishCapture(bus, 'poison');
      await dying;
      await expect(running).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    }
    consume(async (_, { delivery }) => void handled.push(delivery), { ackWaitMs: 300 });
    await until(async () => (await waiting()) === 0);
    expect(handled).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await deadLetters()).toMatchObject([{ reason: 'INTERNAL', attempts: 7 }]);
  });
});

describe('when things break', () => {
  test('a broker that is killed in the middle loses nothing, and consuming goes on', async () => {
    const handled = new Set<string>();
    consume(async (event) => {
      await sleep(20);
      handled.add(event.data.recordingId);
    });
    for (let i = 0; i < 60; i++) await publishCapture(bus, `r${i}`);
    await until(() => handled.size > 10);
    await nats.kill();
    await nats.restart();
    await until(() => handled.size === 60);
    await publishCapture(bus, 'afterwards');
    await until(async () => handled.has('afterwards') && (await waiting()) === 0);
    expect(handled.size).toBe(61);
    expect(await deadLetters()).toEqual([]);
  });

  test('a handler that runs through a broker restart is not started again beside itself', async () => {
    let runs = 0;
    consume(
      async () => {
        runs += 1;
        await sleep(2_500);
      },
      { ackWaitMs: 500 },
    );
    await publishCapture(bus, 'long');
    await until(() => runs === 1);
    await nats.kill();
    await sleep(700);
    await nats.restart();
    await until(async () => bus.connected() && (await waiting()) === 0);
    expect(runs).toBe(1);
  });

  test('an acknowledgement that got lost is repeated', async () => {
    await using wire = await faultyWire(nats.url);
    await using far = await connectBus({ url: wire.url, name: 'far' });
    let runs = 0;
    const running = consume(
      async () => {
        runs += 1;
        wire.swallowReplies();
        setTimeout(wire.cut, 100);
      },
      { ackWaitMs: 5_000 },
      far,
    );
    await publishCapture(bus, 'r1');
    await until(async () => (await waiting()) === 0);
    await until(() => far.connected());
    stop.abort();
    await running;
    expect(runs).toBe(1);
  });

  test('the event of a process that died goes to another', async () => {
    const mortal = await connectBus({ url: nats.url, name: 'mortal' });
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const running = consumeEvents(mortal, {
      stream: STREAMS.captures,
      durable: 'media-encryptor',
      filter: SUBJECTS.allCaptures,
      kind: EVENT_KINDS.recordingCaptured,
      concurrency: 1,
      maxDeliver: 3,
      backoffMs: [10],
      ackWaitMs: 300,
      handle: async () => {
        start();
        await mortal.link.connection.close();
      },
      signal: stop.signal,
    });
    await publishCapture(bus, 'r1');
    await started;
    await expect(running).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    const deliveries: number[] = [];
    consume(async (_, { delivery }) => void deliveries.push(delivery), { ackWaitMs: 300 });
    await until(async () => (await waiting()) === 0);
    expect(deliveries).toEqual([2]);
  });

  test('the consumer being deleted under it does not stop it', async () => {
    const handled: string[] = [];
    consume(async (event) => void handled.push(event.data.recordingId));
    await publishCapture(bus, 'before');
    await until(() => handled.length === 1);
    await bus.link.manager.consumers.delete(STREAMS.captures, 'media-encryptor');
    await publishCapture(bus, 'after');
    await until(() => handled.length === 2);
    expect(handled).toEqual(['before', 'after']);
  });
});

describe('stopping', () => {
  test('lets handlers in flight finish, and acknowledges them', async () => {
    const { promise: finish, resolve: release } = Promise.withResolvers<void>();
    let runs = 0;
    let over = false;
    const running = consume(async () => {
      runs += 1;
      await finish;
    }).then(() => {
      over = true;
    });
    await publishCapture(bus, 'r1');
    await until(() => runs === 1);
    stop.abort();
    await sleep(100);
    expect(over).toBe(false);
    release();
    await running;
    expect(await waiting()).toBe(0);
  });

  test('tells a handler when patience is over, and its event is delivered again at once', async () => {
    let reason: unknown;
    let runs = 0;
    const running = consume(
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
    await publishCapture(bus, 'r1');
    await until(() => runs === 1);
    stop.abort();
    await running;
    expect(reason).toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(await deadLetters()).toEqual([]);
    stop = new AbortController();
    consume(async () => void runs++, { ackWaitMs: 30_000, signal: stop.signal });
    await until(async () => (await waiting()) === 0);
    expect(runs).toBe(2);
  });

  test('gives events back that nobody has begun', async () => {
    const running = consume(() => Promise.resolve());
    stop.abort();
    await running;
    await publishCapture(bus, 'r1');
    expect(await waiting()).toBe(1);
  });
});

test('a filter that another consumer of the queue has is refused at once', async () => {
  consume(() => Promise.resolve());
  await publishCapture(bus, 'r1');
  await until(async () => (await waiting()) === 0);
  await expect(
    consumeEvents(bus, {
      stream: STREAMS.captures,
      durable: 'somebody-else',
      filter: 'captures.demo.>',
      kind: EVENT_KINDS.recordingCaptured,
      concurrency: 1,
      maxDeliver: 1,
      backoffMs: [],
      ackWaitMs: 1_000,
      handle: () => Promise.resolve(),
      signal: stop.signal,
    }),
  ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
