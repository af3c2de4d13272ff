import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { consumeEvents } from './consume.ts';
import type { DeadLetter } from './dead-letter-message.ts';
import { listDeadLetters, retryDeadLetter } from './dead-letters.ts';
import { keptDeadLetters } from './kept-dead-letters.ts';
import { ensureStreams } from './streams.ts';
import { publishCapture, until } from './testing/events.ts';

const nats = await testNats();

test('a dead letter is listed, retried after its cause is gone, and no more', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  await ensureStreams(bus);
  const profiles = new Set<string>();
  const handled: string[] = [];
  const buried: DeadLetter[] = [];
  const stop = new AbortController();
  const running = consumeEvents(bus, {
    stream: STREAMS.captures,
    durable: 'media-encryptor',
    filter: SUBJECTS.allCaptures,
    kind: EVENT_KINDS.recordingCaptured,
    concurrency: 1,
    maxDeliver: 1,
    backoffMs: [],
    ackWaitMs: 1_000,
    handle: async (event) => {
      if (!profiles.has(event.subject)) {
        throw new AppError('PROFILE_NOT_FOUND', `There is no profile –\n${event.subject}`, {
          fix: 'Create it.',
        });
      }
      handled.push(`${event.id} ${event.data.recordingId}`);
    },
    onDeadLetter: async (letter) => void buried.push(letter),
    signal: stop.signal,
  });
  await publishCapture(bus, 'r1', '101');
  await publishCapture(bus, 'r2', '102');
  await until(() => buried.length === 2);

  const letters = await Array.fromAsync(listDeadLetters(bus));
  expect(letters.map((letter) => letter.subject)).toEqual(['captures.demo.101', 'captures.demo.102']);
  expect(letters[0]).toMatchObject({ message: 'There is no profile – captures.demo.101', attempts: 1 });
  const [letter] = await Array.fromAsync(listDeadLetters(bus, { filter: 'captures.demo.102' }));
  expect(letter).toMatchObject({ sequence: 2, subject: 'captures.demo.102' });

  // Its cause is still there: it fails again, as a new dead letter.
  await retryDeadLetter(bus, 2);
  await until(() => buried.length === 3);
  expect((await Array.fromAsync(listDeadLetters(bus))).map(({ sequence }) => sequence)).toEqual([1, 3]);
  const isThere = await keptDeadLetters(bus);
  // One that came since is taken to be there.
  expect([1, 2, 3, 4].map(isThere)).toEqual([true, false, true, true]);

  profiles.add('captures.demo.102');
  expect(await retryDeadLetter(bus, 3)).toMatchObject({ subject: 'captures.demo.102' });
  await until(() => handled.length === 1);
  expect(handled).toEqual(['captured:r2 r2']);
  expect((await Array.fromAsync(listDeadLetters(bus))).map(({ sequence }) => sequence)).toEqual([1]);

  await expect(retryDeadLetter(bus, 3)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  stop.abort();
  await running;
});
