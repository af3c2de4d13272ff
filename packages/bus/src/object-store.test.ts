import { randomBytes } from 'node:crypto';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { describe, expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { openObjectStore } from './object-store.ts';
import { capturesBucket, inParts, KIB, MIB, readWhole } from './testing/captures-bucket.ts';
import { until } from './testing/events.ts';
import { faultyWire } from './testing/faulty-wire.ts';

const nats = await testNats();

describe.each([0, 1, 128 * KIB - 1, 128 * KIB, 128 * KIB + 1, 9 * MIB + 17])(
  'an object of %i bytes',
  (size) => {
    const content = randomBytes(size);

    test('comes back, and the stock client reads it', async () => {
      await using bucket = await capturesBucket(nats.url);
      const { store, stock } = bucket;
      const receipt = await store.put('call', inParts(content, 50_000));
      expect(receipt.size).toBe(size);
      expect((await store.get('call')).size).toBe(size);
      expect((await readWhole(store, 'call')).equals(content)).toBe(true);

      const info = await stock.info('call');
      expect(info).toMatchObject({ size, digest: receipt.digest, chunks: Math.ceil(size / (128 * KIB)) });
      expect(Buffer.from((await stock.getBlob('call')) ?? []).equals(content)).toBe(true);
    });

    test('is read when the stock client put it', async () => {
      await using bucket = await capturesBucket(nats.url);
      const { store, stock } = bucket;
      const info = await stock.putBlob({ name: 'call' }, content);
      const object = await store.get('call');
      expect(object.size).toBe(info.size);
      expect((await readWhole(store, 'call')).equals(content)).toBe(true);
    });
  },
);

test('an object is replaced whole, and the chunks of the old one are removed', async () => {
  await using bucket = await capturesBucket(nats.url);
  const { store, chunksStored } = bucket;
  await store.put('call', inParts(randomBytes(5 * MIB), MIB));
  const content = randomBytes(MIB);
  await store.put('call', inParts(content, MIB));
  expect((await readWhole(store, 'call')).equals(content)).toBe(true);
  expect(await chunksStored()).toBe(8);
});

test('a deleted object is gone for every client, with its content', async () => {
  await using bucket = await capturesBucket(nats.url);
  const { store, stock, chunksStored } = bucket;
  await store.put('call', inParts(randomBytes(MIB), MIB));
  await store.delete('call');
  await store.delete('call');
  await store.delete('never-there');
  await expect(store.get('call')).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  expect(await stock.get('call')).toBeNull();
  expect(await chunksStored()).toBe(0);
  await store.put('call', inParts(Buffer.from('again'), 5));
  expect((await readWhole(store, 'call')).toString()).toBe('again');
});

test('a slow reader holds back the broker, not its own memory', async () => {
  await using bucket = await capturesBucket(nats.url);
  const { bus, store } = bucket;
  await store.put('call', inParts(randomBytes(64 * MIB), MIB));
  const sent = async () => {
    const consumers = await bus.link.manager.consumers.list('OBJ_captures').next();
    return consumers[0]?.delivered.consumer_seq ?? 0;
  };
  const { content } = await store.get('call');
  const reading = content[Symbol.asyncIterator]();
  await reading.next();
  await until(async () => (await sent()) >= 32);
  expect(await sent()).toBeLessThanOrEqual(33);
  let size = 128 * KIB;
  for (let next = await reading.next(); !next.done; next = await reading.next()) size += next.value.length;
  expect(size).toBe(64 * MIB);
});

test('a slow broker holds back the source', async () => {
  await using _bucket = await capturesBucket(nats.url);
  await using wire = await faultyWire(nats.url);
  await using far = await connectBus({ transport: PLAINTEXT, url: wire.url, name: 'far' });
  let taken = 0;
  async function* source() {
    for (; taken < 100; taken++) {
      if (taken === 1) wire.swallowReplies();
      yield Buffer.alloc(MIB);
    }
  }
  const putting = openObjectStore(far, 'captures').put('call', source());
  const failed = expect(putting).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  await until(() => taken >= 4);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(taken).toBeLessThanOrEqual(6);
  wire.cut();
  await failed;
});
