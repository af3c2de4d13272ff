import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { type MetricsServerOptions, startMetricsServer } from './metrics-server.ts';

function collectingLog() {
  const lines: string[] = [];
  const say = (_: object, message: string) => void lines.push(message);
  return { lines, debug: say, info: say, warn: say, error: say };
}

const start = (more: Partial<MetricsServerOptions> = {}) => {
  const log = collectingLog();
  const defaults: MetricsServerOptions = {
    listen: '127.0.0.1:0',
    transport: PLAINTEXT,
    contentType: 'text/plain',
    render: async () => 'x 1\n',
    log,
  };
  return startMetricsServer({ ...defaults, ...more }).then((server) => ({ ...server, log }));
};

test('who connects and says nothing, or half of something, is let go', async () => {
  await using server = await start({ timeoutMs: 100 });
  const port = Number(server.address.split(':')[1]);
  for (const said of ['', 'GET /metr', 'GET /metrics HTTP/1.1\r\nhost: x\r\n']) {
    const socket = connect(port, '127.0.0.1');
    if (said !== '') socket.write(said);
    socket.resume();
    await once(socket, 'close');
  }
  expect(await (await fetch(`http://${server.address}/metrics`)).text()).toBe('x 1\n');
});

test('a request that is still on its way does not hold up the end', async () => {
  const server = await start({ timeoutMs: 600_000 });
  const half = connect(Number(server.address.split(':')[1]), '127.0.0.1');
  half.write('GET /metr');
  // By the time this one is answered, the server has read what came before.
  await fetch(`http://${server.address}/metrics`);
  await server[Symbol.asyncDispose]();
  await expect(fetch(`http://${server.address}/metrics`)).rejects.toThrow();
  half.destroy();
});

test('metrics that cannot be read are an error in the log, and the client is told no more than that', async () => {
  await using server = await start({ render: async () => Promise.reject(new Error('inner reason')) });
  const response = await fetch(`http://${server.address}/metrics`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('inner');
  expect(server.log.lines).toEqual(['could not read the metrics']);
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

test.skipIf(!hasIpv6)('an IPv6 address is understood', async () => {
  await using server = await start({ listen: '[::1]:0' });
  expect(server.address).toMatch(/^\[::1\]:\d+$/);
  expect((await fetch(`http://${server.address}/metrics`)).status).toBe(200);
});
