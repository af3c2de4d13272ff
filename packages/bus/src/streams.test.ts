import { jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { beforeEach, expect, test } from 'vitest';
import type { Bus } from './bus.ts';
import { connectBus } from './connect.ts';
import { ensureStreams } from './streams.ts';
import { publishCapture, until } from './testing/events.ts';

const nats = await testNats();
const connect = (name = 'test') => connectBus({ transport: PLAINTEXT, url: nats.url, name });

const streamNames = async (bus: Bus): Promise<string[]> => {
  const names: string[] = [];
  for await (const name of bus.link.manager.streams.names()) names.push(name);
  return names.sort();
};

const EVERY_STREAM = [
  'AUDIT',
  'CAPTURES',
  'DEAD_LETTERS',
  'EVENTS',
  'KV_encryptors',
  'KV_notices',
  'KV_profiles',
  'KV_tickets',
  'OBJ_captures',
];

beforeEach(async () => {
  await using bus = await connect();
  for (const name of await streamNames(bus)) await bus.link.manager.streams.delete(name);
});

test('four services make the streams at once', async () => {
  await using one = await connect('one');
  await using two = await connect('two');
  await using three = await connect('three');
  await using four = await connect('four');
  await Promise.all([one, two, three, four].map((bus) => ensureStreams(bus)));
  await ensureStreams(one);

  expect(await streamNames(one)).toEqual(EVERY_STREAM);
  const info = async (name: string) => (await one.link.manager.streams.info(name)).config;
  expect(await info('CAPTURES')).toMatchObject({ retention: 'workqueue', storage: 'file', discard: 'new' });
  expect(await info('EVENTS')).toMatchObject({
    retention: 'limits',
    max_age: nanos(7 * 86_400_000),
    duplicate_window: nanos(600_000),
  });
  expect(await info('OBJ_captures')).toMatchObject({ storage: 'memory', max_age: nanos(86_400_000) });
});

test('nothing is ever removed from the audit trail', async () => {
  await using bus = await connect();
  await ensureStreams(bus);
  await bus.link.jetstream.publish('audit.demo.media-decrypt', 'x');
  await expect(bus.link.manager.streams.purge(STREAMS.audit)).rejects.toThrow();
  await expect(bus.link.manager.streams.deleteMessage(STREAMS.audit, 1)).rejects.toThrow();
});

test("an operator's limits stay, and what correctness rests on is put right", async () => {
  await using bus = await connect();
  await ensureStreams(bus);
  await bus.link.manager.streams.update(STREAMS.events, {
    max_age: nanos(86_400_000),
    duplicate_window: nanos(1_000),
  });
  await ensureStreams(bus);
  const { config } = await bus.link.manager.streams.info(STREAMS.events);
  expect(config).toMatchObject({ max_age: nanos(86_400_000), duplicate_window: nanos(600_000) });
});

test('a stream that cannot become what it must be is refused', async () => {
  await using bus = await connect();
  const manager = await jetstreamManager(bus.link.connection);
  await manager.streams.add({
    name: 'CAPTURES',
    subjects: ['captures.>'],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
  });
  await expect(ensureStreams(bus)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    details: { stream: 'CAPTURES' },
  });
});

test('after a SIGKILL of the broker everything acknowledged is there, and the memory bucket is back', async () => {
  await using bus = await connect();
  await ensureStreams(bus);
  for (let i = 0; i < 50; i++) await publishCapture(bus, `r${i}`);
  await nats.kill();
  await nats.restart();
  await until(async () => bus.connected() && (await streamNames(bus)).length === EVERY_STREAM.length);
  expect(await streamNames(bus)).toEqual(EVERY_STREAM);
  expect((await bus.link.manager.streams.info(STREAMS.captures)).state.messages).toBe(50);
});
