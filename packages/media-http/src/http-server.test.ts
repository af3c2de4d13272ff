import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test, vi } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { createProxies } from './proxies.ts';

const proxies = createProxies({ proxies: [], header: 'forwarded' });

async function connected(address: string): Promise<Socket> {
  const socket = connect(Number(new URL(`http://${address}`).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
/** All that comes, until the other side closes. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

test('headers that are too large, that do not come, and that are none, end the connection', async () => {
  const { lines, log } = noteLines();
  await using server = createHttpServer(
    { transport: PLAINTEXT, proxies, log, requestMs: 200, maxConnections: 10, connectionsPerAddress: 10 },
    (_, response) => response.end(),
  );
  const address = await server.listen('127.0.0.1:0');
  const answers = await Promise.all(
    [
      `GET /?ticket=${'x'.repeat(20_000)} HTTP/1.1\r\n`,
      'GET / HTTP/1.1\r\nHost: x\r\n',
      'nonsense\r\n\r\n',
    ].map(async (text) => {
      const socket = await connected(address);
      const answer = readAll(socket);
      socket.write(text);
      return (await answer).split('\r\n')[0];
    }),
  );
  expect(answers).toEqual([
    'HTTP/1.1 431 Request Header Fields Too Large',
    'HTTP/1.1 408 Request Timeout',
    'HTTP/1.1 400 Bad Request',
  ]);
  expect(JSON.stringify(lines)).not.toContain('xxxx');
});

test('who sends nothing and never closes his side keeps no connection', async () => {
  const { log } = noteLines();
  await using server = createHttpServer(
    { transport: PLAINTEXT, proxies, log, requestMs: 200, maxConnections: 10, connectionsPerAddress: 1 },
    (_, response) => response.end(),
  );
  const url = `http://${await server.listen('127.0.0.1:0')}`;
  const silent = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  silent.on('error', () => {});
  await once(silent.resume(), 'end');
  await vi.waitUntil(async () => (await fetch(url).catch(() => undefined))?.ok, { timeout: 4_000 });
  silent.destroy();
});
