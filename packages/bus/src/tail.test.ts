import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { beforeAll, expect, test } from 'vitest';
import type { Bus } from './bus.ts';
import { connectBus } from './connect.ts';
import { publishEvent } from './publish.ts';
import { ensureStreams } from './streams.ts';
import { type TailedEvent, tailEvents } from './tail.ts';
import { until } from './testing/events.ts';

const nats = await testNats();
beforeAll(async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  await ensureStreams(bus);
});

const importCertificate = (bus: Bus, alias: string) =>
  publishEvent(bus, {
    subject: 'events.demo.certificate.imported',
    kind: EVENT_KINDS.certificateImported,
    id: alias,
    source: 'crypto-server',
    data: { tenantId: 'demo', certificateId: 'c', keyId: 'k', alias },
  });

const aliases = (events: readonly TailedEvent[]) => events.map(({ body }) => JSON.parse(body).alias);

test('shows what happens from now on, or from the start, through a broker restart, once each and in order', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  const stop = new AbortController();
  const { signal } = stop;
  const following: Promise<void>[] = [];
  const follow = async (from: 'new' | 'start', into: TailedEvent[], subject: string): Promise<void> => {
    const tail = tailEvents(bus, { subject, from, signal });
    await tail.ready;
    const collect = async () => {
      for await (const event of tail) into.push(event);
    };
    following.push(collect());
  };
  await importCertificate(bus, 'one');
  const fresh: TailedEvent[] = [];
  const all: TailedEvent[] = [];
  const others: TailedEvent[] = [];
  await follow('new', fresh, 'events.>');
  await follow('start', all, 'events.demo.>');
  await follow('start', others, 'events.*.recording.*');
  await importCertificate(bus, 'two');
  await until(() => all.length === 2);
  await nats.kill();
  await nats.restart();
  await importCertificate(bus, 'three');
  await until(() => fresh.length === 2 && all.length === 3);
  expect(aliases(fresh)).toEqual(['two', 'three']);
  expect(aliases(all)).toEqual(['one', 'two', 'three']);
  expect(all[0]).toMatchObject({
    subject: 'events.demo.certificate.imported',
    sequence: 1,
    headers: { 'ce-type': 'sealtrack.certificate.imported.v1', 'ce-id': 'one', 'Nats-Msg-Id': 'one' },
  });
  stop.abort();
  await Promise.all(following);
  expect(others).toEqual([]);
});

test('a subject outside the streams that can be followed is refused', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  const { signal } = new AbortController();
  expect(() => tailEvents(bus, { subject: 'captures.>', from: 'new', signal })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
