import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { afterAll, expect, test } from 'vitest';
import { type EventStream, openEventStream } from './event-stream.ts';
import type { Asked } from './handler.ts';

const app = fastify({ serverFactory: (handle) => createServer(handle) });
const stop = new AbortController();
let stream: EventStream<string> | undefined;
app.get('/', async (request, reply) => {
  stream = openEventStream<string>(
    { request, signal: stop.signal, traceparent: '', client: '' } as Asked,
    reply,
  );
  await stream.ended;
  return reply;
});
await app.listen({ host: '127.0.0.1', port: 0 });
afterAll(() => app.close());
const { port } = (app.server as Server).address() as AddressInfo;

test('who reads nothing is known to be blocked before much waits for him, and ends with the signal', async () => {
  const response = await new Promise<IncomingMessage>((resolve) => {
    get({ host: '127.0.0.1', port }, resolve);
  });
  response.on('error', () => {});
  await expect.poll(() => stream).toBeDefined();
  const sent = stream as EventStream<string>;
  expect(sent.isBlocked()).toBe(false);
  let bytes = 0;
  const fill = async () => {
    for (; !sent.isBlocked(); bytes += 10_000) {
      sent.send(['x'.repeat(10_000)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await fill();
  // What waits is in the system's buffers on both sides, and one message here.
  expect(bytes).toBeLessThan(20_000_000);
  let read = 0;
  response.on('data', (chunk: Buffer) => {
    read += chunk.byteLength;
  });
  await expect.poll(() => sent.isBlocked()).toBe(false);
  await expect.poll(() => read).toBeGreaterThan(bytes);
  response.pause();
  await fill();
  stop.abort();
  await sent.ended;
});
