import { randomBytes } from 'node:crypto';
import { StorageType } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { describe, expect, test } from 'vitest';
import type { Bus } from './bus.ts';
import { connectBus } from './connect.ts';
import { openObjectStore } from './object-store.ts';
import { capturesBucket, inParts, KIB, MIB, readWhole } from './testing/captures-bucket.ts';
import { until } from './testing/events.ts';
import { faultyWire } from './testing/faulty-wire.ts';

const nats = await testNats();

describe('a put that does not come to its end leaves nothing to read', () => {
  test('when the source fails: its own error, and no chunk stays', async () => {
    await using bucket = await capturesBucket(nats.url);
    const { store, chunksStored } = bucket;
    async function* failing() {
      yield randomBytes(3 * MIB);
      throw new Error('the recorder went away');
    }
    await expect(store.put('call', failing())).rejects.toThrow('the recorder went away');
    await expect(store.get('call')).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
    expect(await chunksStored()).toBe(0);
  });

  test('when the connection is lost on the way, and an older object of that name stays whole', async () => {
    await using bucket = await capturesBucket(nats.url);
    const { store } = bucket;
    await store.put('call', inParts(Buffer.from('older'), 5));
    await using wire = await faultyWire(nats.url);
    await using far = await connectBus({ transport: PLAINTEXT, url: wire.url, name: 'far' });
    async function* cutOff() {
      yield randomBytes(2 * MIB);
      wire.cut();
      await until(() => !far.connected());
      await until(() => far.connected());
      yield randomBytes(2 * MIB);
    }
    await expect(openObjectStore(far, 'captures').put('call', cutOff())).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    });
    expect((await readWhole(store, 'call')).toString()).toBe('older');
  });

  test('when the writing process dies', async () => {
    await using bucket = await capturesBucket(nats.url);
    const { store, stock, chunksStored } = bucket;
    const mortal = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'mortal' });
    async function* dying() {
      yield randomBytes(2 * MIB);
      await until(async () => (await chunksStored()) >= 8);
      await mortal.link.connection.close();
      yield randomBytes(2 * MIB);
    }
    await expect(openObjectStore(mortal, 'captures').put('call', dying())).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    });
    await expect(store.get('call')).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
    expect(await stock.get('call')).toBeNull();
  });

  test('when the bucket is full', async () => {
    await using bucket = await capturesBucket(nats.url);
    const { bus, store, chunksStored } = bucket;
    await bus.link.manager.streams.update('OBJ_captures', { max_bytes: 4 * MIB });
    await expect(store.put('call', inParts(randomBytes(8 * MIB), MIB))).rejects.toMatchObject({
      code: 'STORE_FULL',
    });
    expect(await chunksStored()).toBe(0);
  });
});

describe('what is not the whole object is an error at its end', () => {
  const drop = async (bus: Bus, chunk: number): Promise<void> => {
    const { manager } = bus.link;
    const query = { seq: chunk, next_by_subj: '$O.captures.C.>' };
    const found = await manager.streams.getMessage('OBJ_captures', query);
    await manager.streams.deleteMessage('OBJ_captures', found?.seq ?? 0);
  };

  test.each([
    ['first', 1, 1],
    ['middle', 4, 1],
    ['last', 8, 1],
    ['first', 1, 3],
    ['middle', 12, 3],
    ['last', 24, 3],
  ])('its %s chunk is missing (the %ith, of %i MiB)', async (_, chunk, mebibytes) => {
    await using bucket = await capturesBucket(nats.url);
    const { bus, store } = bucket;
    await store.put('call', inParts(randomBytes(mebibytes * MIB), MIB));
    await drop(bus, chunk);
    const { content } = await store.get('call');
    await expect(Array.fromAsync(content)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  });

  test('a chunk is another one', async () => {
    await using bucket = await capturesBucket(nats.url);
    const { bus, store, stock } = bucket;
    await store.put('call', inParts(randomBytes(MIB), MIB));
    const { nuid } = (await stock.info('call')) ?? { nuid: '' };
    await drop(bus, 8);
    await bus.link.jetstream.publish(`$O.captures.C.${nuid}`, randomBytes(128 * KIB));
    const { content } = await store.get('call');
    await expect(Array.fromAsync(content)).rejects.toMatchObject({
      code: 'MEDIA_UNREADABLE',
      message: 'The object call does not match its SHA-256',
    });
  });

  test('it is replaced while it is read', async () => {
    await using bucket = await capturesBucket(nats.url);
    const { store } = bucket;
    await store.put('call', inParts(randomBytes(16 * MIB), MIB));
    const { content } = await store.get('call');
    const reading = (async () => {
      for await (const _ of content) await store.put('call', inParts(Buffer.from('new'), 3));
    })();
    await expect(reading).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  });
});

test('reading goes on where it was when the connection was lost', async () => {
  await using bucket = await capturesBucket(nats.url);
  const { store } = bucket;
  const content = randomBytes(16 * MIB);
  await store.put('call', inParts(content, MIB));
  await using wire = await faultyWire(nats.url);
  await using far = await connectBus({ transport: PLAINTEXT, url: wire.url, name: 'far' });
  const object = await openObjectStore(far, 'captures').get('call');
  const parts: Uint8Array[] = [];
  for await (const part of object.content) {
    parts.push(part);
    if (parts.length === 20) wire.cut();
  }
  expect(Buffer.concat(parts).equals(content)).toBe(true);
});

test('when the broker restarts, objects in memory are gone and their readers told', async () => {
  await using bucket = await capturesBucket(nats.url);
  const { bus, store } = bucket;
  await store.put('call', inParts(randomBytes(16 * MIB), MIB));
  const { content } = await store.get('call');
  const reading = (async () => {
    let first = true;
    for await (const _ of content) {
      if (!first) continue;
      first = false;
      await nats.kill();
      await nats.restart();
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  await expect(store.get('call')).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  await until(
    async () => (await bus.link.manager.streams.info('OBJ_captures').catch(() => undefined)) !== undefined,
  );
  await store.put('call', inParts(Buffer.from('again'), 5));
  expect((await readWhole(store, 'call')).toString()).toBe('again');
});

test('an object that outlives the broker is read across its restart', async () => {
  await using bucket = await capturesBucket(nats.url);
  const { bus } = bucket;
  const objm = new Objm(bus.link.connection);
  await objm.create('durable', { storage: StorageType.File });
  const durable = openObjectStore(bus, 'durable');
  const content = randomBytes(16 * MIB);
  await durable.put('call', inParts(content, MIB));
  const parts: Uint8Array[] = [];
  for await (const part of (await durable.get('call')).content) {
    parts.push(part);
    if (parts.length !== 20) continue;
    await nats.kill();
    await nats.restart();
  }
  expect(Buffer.concat(parts).equals(content)).toBe(true);
});
