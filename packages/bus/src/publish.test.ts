import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { beforeAll, expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { publishEvent } from './publish.ts';
import { ensureStreams } from './streams.ts';
import { capture, publishCapture, until } from './testing/events.ts';
import { faultyWire } from './testing/faulty-wire.ts';

const nats = await testNats();
const connect = (url = nats.url) => connectBus({ transport: PLAINTEXT, url, name: 'test' });
beforeAll(async () => {
  await using bus = await connect();
  await ensureStreams(bus);
});

test('the same event said twice is stored once', async () => {
  await using bus = await connect();
  const first = await publishCapture(bus, 'twice');
  const second = await publishCapture(bus, 'twice');
  expect(first.duplicate).toBe(false);
  expect(second).toEqual({ sequence: first.sequence, duplicate: true });
});

test('an acknowledgement that got lost is asked for again, and the event is stored once', async () => {
  await using wire = await faultyWire(nats.url);
  await using direct = await connect();
  await using bus = await connect(wire.url);
  const messages = async () => (await direct.link.manager.streams.info(STREAMS.captures)).state.messages;
  const before = await messages();
  wire.swallowReplies();
  const publishing = publishCapture(bus, 'ack-lost');
  await until(async () => (await messages()) === before + 1);
  wire.cut();
  expect(await publishing).toMatchObject({ duplicate: true });
  expect(await messages()).toBe(before + 1);
});

test('publishing outlasts a broker restart', async () => {
  await using bus = await connect();
  await nats.kill();
  const publishing = publishCapture(bus, 'while-down');
  await nats.restart();
  expect(await publishing).toMatchObject({ duplicate: false });
});

test('without a broker it fails in time, and says what to do', async () => {
  await using bus = await connect();
  await nats.stop();
  const publishing = publishEvent(
    bus,
    {
      subject: 'captures.demo.101',
      kind: EVENT_KINDS.recordingCaptured,
      id: 'x',
      source: 'pipeline',
      data: capture('x'),
    },
    { timeoutMs: 300 },
  );
  await expect(publishing).rejects.toMatchObject({
    code: 'BUS_UNAVAILABLE',
    fix: expect.stringContaining('nats-server'),
  });
  await expect(connect()).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE', details: { address: nats.url } });
  await nats.restart();
});

test('can be cancelled', async () => {
  await using bus = await connect();
  await nats.stop();
  const cancel = new AbortController();
  const publishing = publishEvent(
    bus,
    {
      subject: 'captures.demo.101',
      kind: EVENT_KINDS.recordingCaptured,
      id: 'y',
      source: 'pipeline',
      data: capture('y'),
    },
    { signal: cancel.signal },
  );
  cancel.abort();
  await expect(publishing).rejects.toMatchObject({ code: 'CANCELLED' });
  await nats.restart();
});

test('a subject that no stream takes, and an event that is too large, are errors', async () => {
  await using bus = await connect();
  const event = { kind: EVENT_KINDS.recordingCaptured, source: 'pipeline' };
  await expect(
    publishEvent(bus, { ...event, id: 'a', subject: 'elsewhere.x', data: capture('a') }, { timeoutMs: 300 }),
  ).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  const data = { ...capture('b'), attributes: { much: 'x'.repeat(300_000) } };
  await expect(
    publishEvent(bus, { ...event, id: 'b', subject: 'captures.demo.101', data }),
  ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('credentials in the URL do not get into errors', async () => {
  const failing = connectBus({ transport: PLAINTEXT, url: 'nats://user:secret@127.0.0.1:1', name: 'test' });
  await expect(failing).rejects.toMatchObject({ details: { address: 'nats://127.0.0.1:1' } });
});
