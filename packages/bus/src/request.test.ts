import { setTimeout as sleep } from 'node:timers/promises';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import type { Bus } from './bus.ts';
import { connectBus } from './connect.ts';
import { request } from './request.ts';
import { createResponder, type ResponderOptions } from './respond.ts';

const nats = await testNats();
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
const connect = async (): Promise<Bus> =>
  stack.use(await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' }));
const [asking, one, other] = [await connect(), await connect(), await connect()];

const bytes = (text: string) => Buffer.from(text);
const asText = async (body: Uint8Array) => Buffer.from(body).toString();

async function respond(bus: Bus, subject: string, options: Partial<ResponderOptions>) {
  const handle = async (_: string, body: Uint8Array) => body;
  const responder = createResponder(bus, {
    ...{ queue: 'q', maxInFlight: 100, maxBytes: 1_000, handle },
    ...options,
  });
  responder.listenTo(new Set([subject]));
  await bus.link.connection.flush();
  return responder;
}

const ask = (
  subject: string,
  text = 'hello',
  read = asText as (body: Uint8Array) => Promise<string | undefined>,
) => request(asking, subject, bytes(text), { timeoutMs: 300, read });

test('an answer, nobody, and nothing in time are three things', async () => {
  await using _ = await respond(one, 'a', {});
  await using __ = await respond(one, 'silent', { handle: async () => undefined });
  await using ___ = await respond(one, 'failing', { handle: () => Promise.reject(new Error('broken')) });
  expect(await ask('a')).toEqual({ kind: 'answer', value: 'hello' });
  const before = performance.now();
  expect(await ask('b')).toEqual({ kind: 'nobody' });
  expect(performance.now() - before).toBeLessThan(250);
  expect(await Promise.all([ask('silent'), ask('failing'), ask('a', 'x'.repeat(1_001))])).toEqual(
    Array(3).fill({ kind: 'late' }),
  );
});

test('an answer that is not to be believed takes the place of none', async () => {
  const inboxes: string[] = [];
  one.link.connection.subscribe('c', {
    callback: (_, message) => {
      for (const text of ['forged', 'forged', 'true']) message.respond(bytes(text));
      inboxes.push(message.reply ?? '');
    },
  });
  await one.link.connection.flush();
  const believed = async (body: Uint8Array) => ((await asText(body)) === 'true' ? 'believed' : undefined);
  expect(await ask('c', '', believed)).toEqual({ kind: 'answer', value: 'believed' });
  expect(await ask('c', '', async () => undefined)).toEqual({ kind: 'late' });
  expect(new Set(inboxes).size).toBe(2);
});

test('each request goes to one of a group, and no answer goes to what is no inbox', async () => {
  const taken = { one: 0, other: 0 };
  const counting = (who: keyof typeof taken) => ({
    handle: async (_: string, body: Uint8Array) => {
      taken[who] += 1;
      return body;
    },
  });
  await using _ = await respond(one, 'd', counting('one'));
  await using __ = await respond(other, 'd', counting('other'));
  await Promise.all(Array.from({ length: 60 }, () => ask('d')));
  expect(taken.one + taken.other).toBe(60);
  expect(Math.min(taken.one, taken.other)).toBeGreaterThan(0);
  const heard: string[] = [];
  asking.link.connection.subscribe('events.>', { callback: (_, { subject }) => void heard.push(subject) });
  asking.link.connection.publish('d', 'x', { reply: 'events.demo.recording.encrypted' });
  asking.link.connection.publish('d', 'x');
  await ask('d');
  expect(taken.one + taken.other).toBe(61);
  expect(heard).toEqual([]);
});

test('what is beyond the bound is told so, and what is under way when it ends is answered', async () => {
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const responder = await respond(one, 'e', {
    maxInFlight: 1,
    async handle(_, body) {
      started.resolve();
      await release.promise;
      return body;
    },
  });
  const first = request(asking, 'e', bytes('first'), { timeoutMs: 5_000, read: asText });
  await started.promise;
  expect(await ask('e', 'second')).toEqual({ kind: 'busy' });
  const closing = responder[Symbol.asyncDispose]();
  while ((await ask('e', 'third')).kind !== 'nobody') await sleep(5);
  release.resolve();
  await closing;
  responder.listenTo(new Set(['e']));
  expect((await ask('e')).kind).toBe('nobody');
  expect(await first).toEqual({ kind: 'answer', value: 'first' });
});

test('it listens to what it is told, and to nothing else', async () => {
  await using responder = await respond(one, 'f', {});
  responder.listenTo(new Set(['g', 'h']));
  await one.link.connection.flush();
  const kinds = await Promise.all(['f', 'g', 'h'].map(async (subject) => (await ask(subject)).kind));
  expect(kinds).toEqual(['nobody', 'answer', 'answer']);
});

test('whoever goes away waits no longer, and neither does anybody when the bus goes', async () => {
  await using _ = await respond(one, 'i', { handle: async () => undefined });
  const gone = new AbortController();
  const left = request(asking, 'i', bytes(''), { timeoutMs: 60_000, read: asText, signal: gone.signal });
  const lost = request(asking, 'i', bytes(''), { timeoutMs: 60_000, read: asText });
  const outcomes = Promise.allSettled([left, lost]);
  gone.abort();
  await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
  await nats.kill();
  await outcomes;
  await expect(lost).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  await expect(ask('i')).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  await nats.restart();
});
