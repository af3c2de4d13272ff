import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Silent, sendBytes } from './send-bytes.ts';

/** More than lies in the buffers between two processes. */
async function* endless() {
  for (;;) yield Buffer.alloc(1024 * 1024);
}

test('a client that takes nothing is given up', async () => {
  const ended = Promise.withResolvers<unknown>();
  let sent = 0;
  const server = createServer((_, response) => {
    const { signal } = new AbortController();
    const note = (bytes: number) => {
      sent += bytes;
    };
    sendBytes(response, endless(), { silenceMs: 100, signal, sent: note })
      .catch((error: unknown) => ended.resolve(error))
      .finally(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asking = httpRequest({ port, host: '127.0.0.1' }).end();
  asking.on('error', () => {});
  asking.on('response', (response) => response.on('error', () => {}));
  expect(await ended.promise).toBeInstanceOf(Silent);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  server.close();
});
