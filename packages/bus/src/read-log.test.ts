import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { readLog } from './read-log.ts';
import { ensureStreams } from './streams.ts';

const nats = await testNats();
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
await ensureStreams(bus);
const { signal } = new AbortController();
const log = { stream: STREAMS.audit, subject: 'audit.>', signal };
const say = (text: string) => bus.link.jetstream.publish('audit.demo.x', text);

test('all that is there comes once and in order, also when the broker is killed in the middle, and then it ends', async () => {
  expect(await Array.fromAsync(readLog(bus, log))).toEqual([]);
  const COUNT = 3_000;
  await Promise.all(Array.from({ length: COUNT }, (_, each) => say(String(each))));
  const seen: number[] = [];
  for await (const { sequence } of readLog(bus, log)) {
    seen.push(sequence);
    if (sequence !== 100) continue;
    await nats.kill();
    await nats.restart();
  }
  expect(seen).toEqual(Array.from({ length: COUNT }, (_, each) => each + 1));
});

test('from a time on, and no further than when it began', async () => {
  const { time } = (await bus.link.manager.streams.getMessage(STREAMS.audit, { seq: 2_999 })) ?? {};
  const seen: number[] = [];
  for await (const { sequence } of readLog(bus, { ...log, since: time })) {
    seen.push(sequence);
    // Whoever writes all the time must not keep a reader for ever.
    await say('meanwhile');
  }
  expect(seen.slice(-2)).toEqual([2_999, 3_000]);
});
