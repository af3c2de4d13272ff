import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { VERSION } from './version.ts';

const BIN = join(import.meta.dirname, '../bin/sealtrack.mjs');
const folder = await temporaryFolder();
afterAll(() => folder.remove());

/** A Node of the machine's own that cannot run this repository, if there is one. */
const OLD_NODE = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) =>
    existsSync(path) &&
    Number.parseInt(spawnSync(path, ['-p', 'process.versions.node']).stdout.toString(), 10) < 24,
);

const runtimes = [process.execPath, ...(OLD_NODE === undefined ? [] : [OLD_NODE])];

describe.each(runtimes)('started under %s', (node) => {
  const run = (...args: string[]) => spawnSync(node, [BIN, ...args], { encoding: 'utf8' });

  test('runs the command line and passes its exit code on', () => {
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${VERSION}\n` });
    expect(run('frobnicate')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('unknown command'),
    });
    expect(run('--no-tls', 'certificates', 'list', '--crypto-address', '127.0.0.1:1').status).toBe(3);
  });

  test('works through a link, as npx starts it', () => {
    const bin = join(folder.path, `bin-${node.replaceAll('/', '-')}`);
    mkdirSync(bin);
    symlinkSync(BIN, join(bin, 'sealtrack'));
    const { status, stdout } = spawnSync(node, [join(bin, 'sealtrack'), '--version'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${VERSION}\n` });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('passes %s on, and ends with %i', async (signal, code) => {
    await using silent = await silentServer();
    const child = spawn(node, [BIN, '--no-tls', 'certificates', 'list', '--crypto-address', silent.address]);
    await silent.connected;
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([code, null]);
  });

  test('ends when the one that started it is killed', async () => {
    await using silent = await silentServer();
    const child = spawn(node, [BIN, '--no-tls', 'certificates', 'list', '--crypto-address', silent.address]);
    const socket = await silent.connected;
    child.kill('SIGKILL');
    // The last process that holds the connection is gone.
    await once(socket, 'close');
  });
});

/** Takes connections and never says anything. */
async function silentServer() {
  const { promise: connected, resolve } = Promise.withResolvers<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    // Its end is noticed by reading only.
    socket.resume();
    resolve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connected,
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      (await connected).destroy();
      server.close();
    },
  };
}
