import { createHash, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { findExecutable } from '@sealtrack/local-servers/executables';
import { NATS } from '@sealtrack/local-servers/server-kinds';
import { answerTo, badPeers } from '@sealtrack/testkit/bad-peers';
import { createTestCa, testTls } from '@sealtrack/testkit/test-ca';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { afterAll, describe, expect, test } from 'vitest';
import { SILENT } from './bus.ts';
import { connectBus } from './connect.ts';
import { secureBus } from './testing/secure-bus.ts';
import { hostsOf, natsTlsOptions } from './tls-options.ts';

const bus = await secureBus();
afterAll(() => bus[Symbol.asyncDispose]());
const { server, ca, dir, folder } = bus;
const inTheClear = await testNats();
const port = Number(new URL(server.url).port);
const serverLog = () => readFile(join(dir, 'nats.log'), 'utf8');
const reload = () => process.kill(server.pid ?? 0, 'SIGHUP');

/** What a peer is answered that greets as a client does: PONG when it is let in. */
async function greet(peer: Parameters<typeof answerTo>[1]): Promise<string> {
  const plain = createConnection({ host: '127.0.0.1', port });
  // The server greets in the clear, whoever comes.
  await new Promise((resolve) => plain.once('data', resolve));
  return await answerTo(plain, peer, 'CONNECT {"verbose":false}\r\nPING\r\n', /PONG|-ERR/);
}

describe('a bad peer is refused, the log says why, and the server goes on', async () => {
  const peers = await badPeers(ca, folder.path, 'crypto-server');
  const said: Readonly<Record<string, RegExp>> = {
    'no certificate': /didn't provide a certificate/,
    'wrong CA': /signed by unknown authority/,
    expired: /certificate has expired or is not yet valid: current time \S+ is after/,
    'not yet valid': /certificate has expired or is not yet valid: current time \S+ is before/,
    'wrong usage': /incompatible key usage/,
    'TLS 1.1': /unsupported versions|no cipher suite|protocol version/,
    plaintext: /does not look like a TLS handshake/,
  };

  test.each(peers)('$what', async (peer) => {
    const before = (await serverLog()).length;
    expect(await greet(peer)).not.toContain('PONG');
    await expect.poll(async () => (await serverLog()).slice(before)).toMatch(said[peer.what] ?? /^$/);
    const again = await bus.as('crypto-server', { name: `after ${peer.what}` });
    expect(again.connected()).toBe(true);
  });

  test('a name that is no user', async () => {
    const stranger = { transport: testTls(await ca.issue('stranger')), url: server.url, name: 'stranger' };
    await expect(connectBus(stranger)).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
      message: expect.stringContaining('knows no user'),
      fix: expect.stringContaining('users.conf'),
    });
    expect(await serverLog()).toMatch(/authentication error/);
  });
});

describe('a client does not connect', async () => {
  const other = await createTestCa(folder.path, 'Other CA');
  const files = await ca.issue('crypto-server');
  const good = testTls(files);
  const name = 'crypto-server';

  test.each<[string, Transport, string, RegExp]>([
    [
      'to a server with a certificate for another name',
      good,
      server.url.replace('127.0.0.1', 'localhost'),
      /another name/,
    ],
    [
      'to a server of a CA that it does not trust',
      testTls({ ...files, trustedCa: other.trustedCa }),
      server.url,
      /CA that is not trusted here/,
    ],
    ['to a server without TLS', good, inTheClear.url, /does not speak TLS/],
    ['in the clear to a server with TLS', PLAINTEXT, server.url, /speaks TLS only/],
    [
      'with a certificate that the server refuses',
      testTls({ ...(await other.issue(name)), trustedCa: ca.trustedCa }),
      server.url,
      /refuses the certificate of this process/,
    ],
  ])('%s', async (_, transport, url, message) => {
    await expect(connectBus({ transport, url, name })).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
      message: expect.stringMatching(message),
      fix: expect.stringMatching(/\w/),
    });
  });
});

describe('the name that a certificate has to be for', () => {
  const hosts = hostsOf([
    'nats://N1.example:4222',
    'n2.example',
    'tls://user@10.0.0.1:4333',
    'nats://[::1]:4222',
  ]);
  const asked: string[] = [];
  const tls = {
    ...testTls({ certificate: '', certificateKey: '', trustedCa: '' }),
    client: (host: string) => ({
      servername: 'never this one',
      checkServerIdentity: () => {
        asked.push(host);
        return new Error('no');
      },
    }),
  };

  // The first is what the client asks for by SNI, which is empty for addresses, as Node then says "localhost".
  test.each([
    ['n1.example', 'n1.example', ['n1.example']],
    ['n2.example', 'n2.example', ['n2.example']],
    ['of an address is any address of the settings, and no name', '', ['10.0.0.1', '::1']],
    ['of a server that a server names is one of the settings', 'evil.example', hosts],
  ])('%s', (_, servername, expected) => {
    asked.length = 0;
    const options = natsTlsOptions(tls, hosts);
    expect(options.servername).toBeUndefined();
    const called = { ...options, servername };
    expect(called.checkServerIdentity?.('localhost', {} as never)).toBeInstanceOf(Error);
    expect(asked).toEqual(expected);
  });

  test('of an address, where there is none in the settings, is none', () => {
    const options = { ...natsTlsOptions(tls, ['localhost']), servername: '' };
    expect(options.checkServerIdentity?.('localhost', {} as never)).toBeInstanceOf(Error);
  });
});

/** What the bus did not let a connection do, as its log says. */
function refusals() {
  const subjects: unknown[] = [];
  const error = (facts: object) => void subjects.push('subject' in facts ? facts.subject : undefined);
  return { subjects, log: { ...SILENT, error } };
}
const back = (connected: Awaited<ReturnType<typeof connectBus>>) =>
  expect.poll(() => connected.connected(), { timeout: 5_000 }).toBe(true);

test('a certificate that is exchanged on the disk is shown when the client connects again', async () => {
  const file = 'rotated';
  const transport = testTls(await ca.issue('crypto-server', { file }));
  const { subjects, log } = refusals();
  await using connected = await connectBus({ transport, url: server.url, name: 'rotated', log });
  const { connection } = connected.link;
  // Each is what one of the two users may say, and the other may not.
  const say = () => {
    for (const subject of ['events.demo.recording.stored', 'audit.demo.decrypt']) connection.publish(subject);
  };
  say();
  await expect.poll(() => subjects).toEqual(['events.demo.recording.stored']);
  await ca.issue('metadata-processor', { file });
  await server.restart();
  await back(connected);
  say();
  await expect.poll(() => subjects.slice(1)).toEqual(['audit.demo.decrypt']);
});

// In a container it has a copy of its certificate.
const hasProgram = findExecutable(NATS.executables) !== undefined;
test.skipIf(!hasProgram)(
  'a server that is told to shows its new certificate, and keeps the connections it has',
  async () => {
    const connected = await bus.as('media-encryptor');
    let changes = 0;
    connected.link.onChange(() => void changes++);
    const shown = async () => {
      const found: string[] = [];
      const transport = testTls(await ca.issue('administrator'));
      await using _ = await connectBus({
        url: server.url,
        name: 'look',
        transport: {
          ...transport,
          client: (host) => {
            const options = transport.client(host);
            return Object.defineProperties(options, {
              checkServerIdentity: {
                enumerable: true,
                value: (_: string, { fingerprint256 }: { fingerprint256: string }) =>
                  void found.push(fingerprint256),
              },
            });
          },
        },
      });
      return found.at(-1);
    };
    const before = await shown();
    await ca.issue('nats');
    reload();
    await expect.poll(shown).not.toBe(before);
    expect(connected.connected()).toBe(true);
    expect(changes).toBe(0);
  },
);

describe('nats-server knows no CRL, so a client is shut out', () => {
  const usersFile = join(dir, 'users.conf');
  const configFile = join(dir, 'nats.conf');
  const change = async (file: string, from: string, to: string) => {
    const text = await readFile(file, 'utf8');
    expect(text).toContain(from);
    await writeFile(file, text.replace(from, to));
    reload();
  };
  const loaded = async (times: number) =>
    expect.poll(async () => (await serverLog()).split('Reloaded server configuration').length).toBe(times);
  const reloads = async () => (await serverLog()).split('Reloaded server configuration').length;

  test('by taking its user out: within a second, and nobody else', async () => {
    const [shutOut, other] = [await bus.as('pipeline'), await bus.as('crypto-server')];
    await change(usersFile, 'user: "pipeline"', 'user: "nobody"');
    await expect.poll(() => shutOut.connected(), { timeout: 1_000 }).toBe(false);
    expect(other.connected()).toBe(true);
    await expect(bus.as('pipeline')).rejects.toMatchObject({
      message: expect.stringContaining('knows no user'),
    });
    await change(usersFile, 'user: "nobody"', 'user: "pipeline"');
    await back(shutOut);
  });

  // nats-server (2.9 at least) asks for the key of a new connection only: taking the user out ends those that are there.
  test('by the keys of those who may stay, while others of its name come back', async () => {
    await using stack = new AsyncDisposableStack();
    const connect = async (which: string) => {
      const files = await ca.issue('profile-config', { file: which });
      const options = { transport: testTls(files), url: server.url, name: which };
      return { files, options, connected: stack.use(await connectBus(options)) };
    };
    const [stolen, stays] = [await connect('stolen'), await connect('stays')];
    const key = new X509Certificate(await readFile(stays.files.certificate)).publicKey;
    const pin = createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('hex');
    const before = await reloads();
    await change(configFile, 'verify_and_map: true', `verify_and_map: true\n  pinned_certs: ["${pin}"]`);
    await loaded(before + 1);
    await change(usersFile, 'user: "profile-config"', 'user: "nobody"');
    await loaded(before + 2);
    await expect.poll(() => stolen.connected.connected()).toBe(false);
    await change(usersFile, 'user: "nobody"', 'user: "profile-config"');
    await back(stays.connected);
    await expect(connectBus(stolen.options)).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    expect(stolen.connected.connected()).toBe(false);
    expect(await serverLog()).toMatch(/certificate not pinned/);
  });
});
