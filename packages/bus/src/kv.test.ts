import { Kvm } from '@nats-io/kv';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bus } from './bus.ts';
import { connectBus } from './connect.ts';
import { type Kv, openKv } from './kv.ts';
import type { KvChanges } from './kv-watch.ts';
import { ensureStreams } from './streams.ts';
import { until } from './testing/events.ts';
import { faultyWire } from './testing/faulty-wire.ts';

const nats = await testNats();
let bus: Bus;
let kv: Kv;
beforeEach(async () => {
  bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  await bus.link.manager.streams.delete('KV_profiles').catch(() => {});
  await ensureStreams(bus);
  kv = openKv(bus, 'profiles', { existsCode: 'PROFILE_EXISTS' });
});
afterEach(() => bus[Symbol.asyncDispose]());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);

test('an entry is created once', async () => {
  const revision = await kv.create('demo.101', bytes('a'));
  expect(await kv.get('demo.101')).toEqual({ key: 'demo.101', value: bytes('a'), revision });
  await expect(kv.create('demo.101', bytes('b'))).rejects.toMatchObject({ code: 'PROFILE_EXISTS' });
  expect(await kv.get('demo.102')).toBeUndefined();
});

test('of two changes to the same revision one wins and one is told', async () => {
  const revision = await kv.create('demo.101', bytes('a'));
  const results = await Promise.allSettled([
    kv.update('demo.101', bytes('b'), revision),
    kv.update('demo.101', bytes('c'), revision),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'PROFILE_CONFLICT' },
  });
});

test('a change whose acknowledgement got lost is no conflict with itself', async () => {
  const revision = await kv.create('demo.101', bytes('a'));
  await using wire = await faultyWire(nats.url);
  await using far = await connectBus({ transport: PLAINTEXT, url: wire.url, name: 'far' });
  wire.swallowReplies();
  const updating = openKv(far, 'profiles').update('demo.101', bytes('b'), revision);
  await until(async () => text((await kv.get('demo.101'))?.value) === 'b');
  wire.cut();
  expect(await updating).toBe((await kv.get('demo.101'))?.revision);
});

test('a deleted entry is gone, and its key free again', async () => {
  const revision = await kv.create('demo.101', bytes('a'));
  await expect(kv.delete('demo.101', revision + 1)).rejects.toMatchObject({ code: 'PROFILE_CONFLICT' });
  await kv.delete('demo.101', revision);
  expect(await kv.get('demo.101')).toBeUndefined();
  expect(await kv.list()).toEqual([]);
  await kv.create('demo.101', bytes('b'));
  expect((await kv.list()).map(({ key, value }) => [key, text(value)])).toEqual([['demo.101', 'b']]);
});

test('the list is whole', async () => {
  expect(await kv.list()).toEqual([]);
  const keys = Array.from({ length: 600 }, (_, i) => `demo.${1_000 + i}`);
  await Promise.all(keys.map((key) => kv.create(key, bytes(key))));
  expect((await kv.list()).map(({ key }) => key).sort()).toEqual(keys);
});

test('the stock client reads what is written here, and the other way round', async () => {
  await kv.create('demo.101', bytes('ours'));
  const stock = await new Kvm(bus.link.connection).open('profiles');
  expect((await stock.get('demo.101'))?.string()).toBe('ours');
  await stock.put('demo.102', 'theirs');
  expect(text((await kv.get('demo.102'))?.value)).toBe('theirs');
  await stock.delete('demo.102');
  expect(await kv.get('demo.102')).toBeUndefined();
});

/** Follows a watch as a service does: a map that changes are applied to. */
function follow(watched: Kv, signal: AbortSignal) {
  const state = { entries: new Map<string, string>(), upToDate: false, seen: [] as KvChanges[] };
  const done = (async () => {
    for await (const changes of watched.watch({ signal })) {
      state.seen.push(changes);
      state.upToDate = changes.upToDate;
      for (const { key, value } of changes.entries) {
        if (value === undefined) state.entries.delete(key);
        else state.entries.set(key, text(value) ?? '');
      }
    }
  })();
  return { state, done };
}

test('a watch begins with everything, even if that is nothing, and tells every change', async () => {
  const stop = new AbortController();
  const empty = follow(kv, stop.signal);
  await until(() => empty.state.upToDate);
  expect(empty.state.seen).toEqual([{ entries: [], upToDate: true }]);

  const revision = await kv.create('demo.101', bytes('a'));
  await kv.create('demo.102', bytes('a'));
  const late = follow(kv, stop.signal);
  await until(() => late.state.upToDate);
  expect([...late.state.entries]).toEqual([
    ['demo.101', 'a'],
    ['demo.102', 'a'],
  ]);

  const newer = await kv.update('demo.101', bytes('b'), revision);
  await until(() => late.state.entries.get('demo.101') === 'b');
  await kv.delete('demo.101', newer);
  await until(() => !late.state.entries.has('demo.101') && !empty.state.entries.has('demo.101'));
  stop.abort();
  await Promise.all([empty.done, late.done]);
});

test('a list waits for nothing when entries are written over while it is made', async () => {
  const [busy, other] = [openKv(bus, 'encryptors'), openKv(bus, 'encryptors')];
  for (const key of ['one', 'two']) await busy.put(key, bytes(key));
  const stop = new AbortController();
  const writing = ['one', 'two'].map(async (key) => {
    while (!stop.signal.aborted) {
      await other.put(key, bytes(key));
      await new Promise((resolve) => setTimeout(resolve, 10 * Math.random()));
    }
  });
  try {
    for (let round = 0; round < 200; round += 1) {
      const asked = performance.now();
      expect(await busy.list()).toHaveLength(2);
      expect(performance.now() - asked).toBeLessThan(3_000);
    }
  } finally {
    stop.abort();
    await Promise.all(writing);
  }
}, 30_000);

test('a watch begins with a large bucket in parts, and is up to date with the last one', async () => {
  const keys = Array.from({ length: 900 }, (_, id) => `demo.${id}`);
  await Promise.all(keys.map((key) => kv.create(key, bytes(key))));
  const stop = new AbortController();
  const { state, done } = follow(kv, stop.signal);
  await until(() => state.upToDate);
  expect([...state.entries.keys()].sort()).toEqual([...keys].sort());
  const { seen } = state;
  expect(seen.findIndex(({ upToDate }) => upToDate)).toBe(seen.length - 1);
  expect(Math.max(...seen.map(({ entries }) => entries.length))).toBeLessThan(300);
  stop.abort();
  await done;
});

test('a watch that was cut off says so, and misses no newest value and no deletion', async () => {
  const kept = await kv.create('demo.101', bytes('a'));
  const dropped = await kv.create('demo.102', bytes('a'));
  await using wire = await faultyWire(nats.url);
  await using far = await connectBus({ transport: PLAINTEXT, url: wire.url, name: 'far' });
  const stop = new AbortController();
  const { state, done } = follow(openKv(far, 'profiles'), stop.signal);
  await until(() => state.entries.size === 2);
  wire.swallowReplies();
  await kv.update('demo.101', bytes('b'), kept);
  await kv.delete('demo.102', dropped);
  await kv.create('demo.103', bytes('new'));
  wire.cut();
  await until(() => state.seen.some(({ upToDate }) => !upToDate));
  await until(() => state.upToDate);
  expect([...state.entries]).toEqual([
    ['demo.101', 'b'],
    ['demo.103', 'new'],
  ]);
  stop.abort();
  await done;
});

test('a watch goes on when the broker was killed and came back', async () => {
  await kv.create('demo.101', bytes('a'));
  const stop = new AbortController();
  const { state, done } = follow(kv, stop.signal);
  await until(() => state.upToDate);
  await nats.kill();
  await until(() => !state.upToDate);
  expect([...state.entries]).toEqual([['demo.101', 'a']]);
  await nats.restart();
  await until(() => state.upToDate);
  await kv.create('demo.102', bytes('b'));
  await until(() => state.entries.has('demo.102'));
  expect([...state.entries]).toEqual([
    ['demo.101', 'a'],
    ['demo.102', 'b'],
  ]);
  stop.abort();
  await done;
});

test('a bucket that was put back to an earlier time, and changed since, has other entries of the same revisions', async () => {
  await kv.create('demo.101', bytes('a'));
  await kv.create('demo.102', bytes('before'));
  await using wire = await faultyWire(nats.url);
  await using far = await connectBus({ transport: PLAINTEXT, url: wire.url, name: 'far' });
  const stop = new AbortController();
  const { state, done } = follow(openKv(far, 'profiles'), stop.signal);
  await until(() => state.entries.size === 2);
  wire.swallowReplies();
  await bus.link.manager.streams.delete('KV_profiles');
  await ensureStreams(bus);
  await kv.create('demo.101', bytes('a'));
  await kv.create('demo.102', bytes('after'));
  wire.cut();
  await until(() => state.seen.some(({ upToDate }) => !upToDate));
  await until(() => state.upToDate);
  expect(state.entries.get('demo.102')).toBe('after');
  stop.abort();
  await done;
});

/** Writes until it is disposed, as an encryptor or a person who assigns certificates may at any moment. */
function busyWriter(key: string) {
  let over = false;
  const done = (async () => {
    for (let n = 0; !over; n += 1) {
      await kv.put(key, bytes(String(n)));
      await new Promise((resolve) => void setTimeout(resolve, 3));
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over = true;
      await done;
    },
  };
}

test('a list and a watch that begin while somebody writes come to the end of what there is', async () => {
  const keys = ['demo.101', 'demo.102', 'demo.103'];
  for (const key of keys) await kv.put(key, bytes('a'));
  const stop = new AbortController();
  const watches: ReturnType<typeof follow>[] = [];
  {
    await using _one = busyWriter('demo.101');
    await using _other = busyWriter('demo.103');
    for (let n = 0; n < 60; n += 1) {
      const listed = await kv.list();
      expect(listed.map(({ key }) => key).toSorted()).toEqual(keys);
    }
    for (let n = 0; n < 60; n += 1) {
      watches.push(follow(kv, stop.signal));
      await new Promise((resolve) => void setTimeout(resolve, n % 7));
    }
  }
  const entries = new Map((await kv.list()).map(({ key, value }) => [key, text(value)]));
  await until(() =>
    watches.every(({ state }) => keys.every((key) => state.entries.get(key) === entries.get(key))),
  );
  stop.abort();
  await Promise.all(watches.map(({ done }) => done));
}, 60_000);
