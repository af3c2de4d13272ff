import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { countMessages } from './look-ahead.ts';
import { type BackwardOptions, readBackwards } from './read-backwards.ts';
import { ensureStreams } from './streams.ts';

const nats = await testNats();
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
await ensureStreams(bus);
const { signal } = new AbortController();

/** Of each thousand, one is of "rare"; of the newest hundred, all are. */
const COUNT = 4_100;
const subjectOf = (each: number) =>
  each % 1_000 === 0 || each > COUNT - 100 ? 'events.rare.x.y' : 'events.demo.x.y';
const numbers = Array.from({ length: COUNT }, (_, each) => each + 1);
/** Between one thousand and the next: what was before was stored earlier, and what came then at that time or later. */
const times: Date[] = [];
for (let from = 0; from < COUNT; from += 1_000) {
  await Promise.all(
    numbers
      .slice(from, from + 1_000)
      .map((each) => bus.link.jetstream.publish(subjectOf(each), String(each))),
  );
  const time = Date.now() + 1;
  times.push(new Date(time));
  while (Date.now() < time) await new Promise((resolve) => setImmediate(resolve));
}
const sequences = async (subject: string, options: Partial<BackwardOptions> = {}) =>
  (
    await Array.fromAsync(
      readBackwards(bus, { stream: STREAMS.events, subject, atOnce: 200, signal, ...options }),
    )
  ).map(({ sequence }) => sequence);
const bodies = async (subject: string) =>
  (await Array.fromAsync(readBackwards(bus, { stream: STREAMS.events, subject, atOnce: 200, signal }))).map(
    ({ body }) => Buffer.from(body).toString(),
  );

test('all that a subject has comes newest first, where there is much of it and where there is hardly any', async () => {
  const rare = numbers.filter((each) => subjectOf(each) === 'events.rare.x.y');
  expect((await bodies('events.rare.>')).map(Number).toSorted((one, other) => one - other)).toEqual(rare);
  for (const subject of ['events.rare.>', 'events.demo.>', 'events.>']) {
    const found = await sequences(subject);
    expect(found.length).toBe(await countMessages(bus, STREAMS.events, subject));
    expect(found).toEqual(found.toSorted((one, other) => other - one));
  }
  expect(await sequences('events.nobody.>')).toEqual([]);
});

test('from a number on, and within times', async () => {
  const all = await sequences('events.rare.>');
  const before = all[60];
  expect(await sequences('events.rare.>', { before })).toEqual(all.slice(61));
  const [since, until] = [times[0], times[2]];
  const within = await sequences('events.>', { since, until });
  expect({ count: within.length, first: within[0], last: within.at(-1) }).toEqual({
    ...{ count: 2_000, first: 3_000, last: 1_001 },
  });
  expect(await sequences('events.>', { until: new Date(0) })).toEqual([]);
  expect(await sequences('events.>', { since: new Date(Date.now() + 60_000) })).toEqual([]);
});

test('what was deleted meanwhile is not waited for', async () => {
  const found: number[] = [];
  const all = await sequences('events.rare.>');
  for await (const { sequence } of readBackwards(bus, {
    ...{ stream: STREAMS.events, subject: 'events.rare.>', atOnce: 10, signal },
  })) {
    found.push(sequence);
    if (found.length !== 5) continue;
    for (const each of all.slice(12, 14)) await bus.link.manager.streams.deleteMessage(STREAMS.events, each);
  }
  expect(found).toEqual(all.toSpliced(12, 2));
});
