import { STREAMS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { describe, expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { captureQueue, emptyMedia, unknownProfile } from './testing/capture-queue.ts';
import { publishCapture, publishRaw, until } from './testing/events.ts';

const nats = await testNats();

describe('an event that cannot succeed', () => {
  test('becomes a dead letter when its retries are used up, with the reason and the next step', async () => {
    await using queue = await captureQueue(nats.url);
    const announced: unknown[] = [];
    queue.consume(() => Promise.reject(unknownProfile()), {
      onDeadLetter: async (letter, event) => void announced.push([letter.sequence, event?.data.recordingId]),
    });
    await publishCapture(queue.bus, 'r1');
    await until(async () => (await queue.waiting()) === 0);
    const letters = await queue.deadLetters();
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
    await using queue = await captureQueue(nats.url);
    queue.consume(() => Promise.reject(emptyMedia()));
    await publishCapture(queue.bus, 'r1');
    await until(async () => (await queue.waiting()) === 0);
    expect(await queue.deadLetters()).toMatchObject([{ reason: 'MEDIA_EMPTY', attempts: 1 }]);
  });

  test('is held, however often it fails, while what it needs is away', async () => {
    await using queue = await captureQueue(nats.url);
    const deliveries: number[] = [];
    queue.consume(async (_, { delivery }) => {
      deliveries.push(delivery);
      if (deliveries.length < 20)
        throw new AppError('STORE_UNAVAILABLE', 'The disk is away', { fix: 'Bring it back.' });
    });
    await publishCapture(queue.bus, 'r1');
    await until(async () => (await queue.waiting()) === 0);
    expect(await queue.deadLetters()).toEqual([]);
    expect(deliveries).toEqual(Array(20).fill(1));
  });

  test('and cannot even be read goes the same way, body and all', async () => {
    await using queue = await captureQueue(nats.url);
    const handled: unknown[] = [];
    const announced: unknown[] = [];
    queue.consume(async (event) => void handled.push(event), {
      onDeadLetter: async (_, event) => void announced.push(event),
    });
    await queue.bus.link.jetstream.publish('captures.demo.101', 'this is no JSON');
    await until(async () => (await queue.waiting()) === 0);
    const [letter] = await queue.deadLetters();
    expect(letter).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      nextStep: expect.stringContaining('docs/events.md'),
    });
    expect(Buffer.from(letter?.body ?? []).toString()).toBe('this is no JSON');
    expect(handled).toEqual([]);
    expect(announced).toEqual([undefined]);
  });

  test('nor its headers: the client refuses to take them apart', async () => {
    await using queue = await captureQueue(nats.url);
    queue.consume(async () => {});
    await publishRaw(nats.url, 'captures.demo.101', 'bad name: x', 'the body');
    await until(async () => (await queue.waiting()) === 0);
    const [letter] = await queue.deadLetters();
    expect(letter).toMatchObject({ reason: 'INVALID_ARGUMENT', subject: 'captures.demo.101' });
    expect(Buffer.from(letter?.body ?? []).toString()).toBe('the body');
  });

  test('stays in the queue while its dead letter cannot be stored', async () => {
    await using queue = await captureQueue(nats.url);
    await queue.bus.link.manager.streams.update(STREAMS.deadLetters, { max_msgs: 1 });
    await queue.bus.link.jetstream.publish('dead-letters.filler', 'x');
    let runs = 0;
    queue.consume(
      async () => {
        runs += 1;
        throw emptyMedia();
      },
      { deadLetterTimeoutMs: 200 },
    );
    await publishCapture(queue.bus, 'r1');
    await until(() => runs >= 2);
    expect(await queue.waiting()).toBe(1);
    await queue.bus.link.manager.streams.update(STREAMS.deadLetters, { max_msgs: -1 });
    await until(async () => (await queue.waiting()) === 0);
    expect((await queue.deadLetters()).filter((letter) => letter.reason === 'MEDIA_EMPTY')).toHaveLength(1);
  });

  test('has one dead letter, however often announcing it fails', async () => {
    await using queue = await captureQueue(nats.url);
    const announcements: string[] = [];
    queue.consume(() => Promise.reject(emptyMedia()), {
      onDeadLetter: async ({ sequence, time }) => {
        announcements.push(`${sequence} ${time.toISOString()}`);
        if (announcements.length < 3) throw new Error('the bus hiccups');
      },
    });
    await publishCapture(queue.bus, 'r1');
    await until(async () => (await queue.waiting()) === 0);
    expect(announcements).toHaveLength(3);
    expect(new Set(announcements).size).toBe(1);
    expect(await queue.deadLetters()).toHaveLength(1);
  });

  test('because it kills the process each time is given up unhandled', async () => {
    await using queue = await captureQueue(nats.url);
    const handled: number[] = [];
    for (let life = 0; life < 6; life++) {
      const process = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'mortal' });
      const { promise: dying, resolve: dies } = Promise.withResolvers<void>();
      const running = queue.consume(
        async (_, { delivery }) => {
          handled.push(delivery);
          dies();
          await process.link.connection.close();
          throw new Error('gone');
        },
        { concurrency: 1, ackWaitMs: 300 },
        process,
      );
      if (life === 0) await publishCapture(queue.bus, 'poison');
      await dying;
      await expect(running).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    }
    queue.consume(async (_, { delivery }) => void handled.push(delivery), { ackWaitMs: 300 });
    await until(async () => (await queue.waiting()) === 0);
    expect(handled).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await queue.deadLetters()).toMatchObject([{ reason: 'INTERNAL', attempts: 7 }]);
  });
});
