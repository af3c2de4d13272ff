import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { followStream } from './follow-stream.ts';
import { ensureStreams } from './streams.ts';
import { until } from './testing/events.ts';
import { faultyWire } from './testing/faulty-wire.ts';

const nats = await testNats();
const wire = await faultyWire(nats.url);
const bus = await connectBus({ transport: PLAINTEXT, url: wire.url, name: 'follower' });
const publisher = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'publisher' });
afterAll(async () => {
  for (const each of [bus, publisher, wire]) await each[Symbol.asyncDispose]();
});
await ensureStreams(publisher);

const publish = (text: string) => publisher.link.jetstream.publish('events.demo.x.y', text, { retries: 20 });
const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, each) => `${name}${each}`);
const publishMany = (name: string, count: number) => Promise.all(numbered(name, count).map(publish));
test('an outage leaves no gap; one that is too long is told of, and so is another stream in the place of it', async () => {
  await publish('before');
  const stop = new AbortController();
  const seen: string[] = [];
  const inPlace: boolean[] = [];
  const following = followStream(bus, {
    ...{ stream: STREAMS.events, subject: 'events.>', mostBehind: 100, signal: stop.signal },
    onInPlace: (hasMissed) => inPlace.push(hasMissed),
    onMessages: (messages) =>
      seen.push(...messages.map(({ body }: { body: Uint8Array }) => Buffer.from(body).toString())),
  });
  await until(() => inPlace.length === 1);
  await publish('one');
  await until(() => seen.length === 1);
  await wire.cutWhile(() => publishMany('few', 100));
  await until(() => seen.length === 101);
  expect(seen.toSorted()).toEqual(['one', ...numbered('few', 100)].toSorted());
  expect(inPlace).toEqual([true, false]);

  await wire.cutWhile(() => publishMany('many', 101));
  await until(() => inPlace.length === 3);
  await publish('two');
  await until(() => seen.length === 102);
  expect({ newest: seen.at(-1), hasMissed: inPlace.at(-1) }).toEqual({ newest: 'two', hasMissed: true });

  const before = inPlace.length;
  const { streams } = publisher.link.manager;
  const { config } = await streams.info(STREAMS.events);
  await streams.delete(STREAMS.events);
  await streams.add(config);
  await until(() => inPlace.length > before);
  expect(inPlace.at(-1)).toBe(true);
  await publish('after');
  await until(() => seen.at(-1) === 'after');
  stop.abort();
  await following;
}, 30_000);
