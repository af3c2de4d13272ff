import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, expect, test, vi } from 'vitest';
import { openTls } from './open-tls.ts';
import { peerNames } from './peer-names.ts';
import { badPeers } from './testing/bad-peers.ts';
import { createCa, type Identity } from './testing/issue-peers.ts';
import { listenTls } from './testing/listen.ts';
import { noteTlsLog, tlsFolder } from './testing/tls-folder.ts';

const ca = createCa('Test CA');
const between = ca.below('Intermediate CA');
const revoked = ca.issue('revoked');
const good = ca.issue('pipeline');
const folder = await tlsFolder(
  ca,
  ca.issue('crypto-server'),
  Buffer.concat([ca.crl([revoked]), between.crl()]),
);
const { lines, log } = noteTlsLog();
const tls = await openTls(folder.settings, log);
const listening = await listenTls(tls);
afterAll(async () => {
  await listening[Symbol.asyncDispose]();
  tls[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

/** A client that was answered. */
async function welcome(
  { cert, key }: Pick<Identity, 'cert' | 'key'>,
  port = listening.port,
): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: ca.cert, cert, key });
  socket.write('hello');
  await once(socket, 'data');
  return socket;
}

test.each(badPeers(ca, revoked))('$what: refused, and the log says why', async (bad) => {
  lines.length = 0;
  const admitted = listening.admitted.length;
  expect(await bad.knock(listening.port)).toBe('');
  await vi.waitFor(() => expect(lines).toHaveLength(1), { interval: 5 });
  expect(lines[0]?.fields).toMatchObject({
    problem: bad.problem,
    peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    reason: expect.stringMatching(/\w+ \w+/),
  });
  expect(lines[0]?.fields.certificate !== undefined).toBe(bad.hasCertificate);
  expect(listening.admitted).toHaveLength(admitted);
  // Who comes next is served.
  (await welcome(good)).destroy();
  expect(lines).toHaveLength(1);
});

test('a line says which certificate, and no more than anybody may read', async () => {
  lines.length = 0;
  const [, , , , , , bad] = badPeers(ca, revoked);
  await bad?.knock(listening.port);
  await vi.waitFor(() => expect(lines).toHaveLength(1), { interval: 5 });
  expect(lines[0]).toMatchObject({
    level: 'warn',
    fields: {
      reason: expect.stringContaining('CN=revoked was revoked by its CA'),
      fix: expect.any(String),
      certificate: {
        subject: 'CN=revoked',
        issuer: 'CN=Test CA',
        serial: expect.stringMatching(/^[0-9A-F]+$/),
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        names: ['DNS revoked', 'DNS localhost', 'IP 127.0.0.1'],
        notAfter: expect.stringMatching(/^20\d\d-/),
      },
    },
  });
});

test('who is admitted can be asked for its names, also one with a CA between', async () => {
  for (const [name, identity] of [
    ['pipeline', good],
    ['profile-config', between.issue('profile-config')],
  ] as const) {
    const socket = await welcome(identity);
    const admitted = listening.admitted.at(-1);
    expect(peerNames(admitted ?? {})).toEqual([name, 'localhost']);
    // As HTTP/2 shows it.
    expect(peerNames(new Proxy(admitted ?? {}, {}))).toContain(name);
    socket.destroy();
  }
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('no session of %s goes on from another', async (version) => {
  const options = { port: listening.port, host: '127.0.0.1', servername: 'localhost', ca: ca.cert, ...good };
  const sessions: Buffer[] = [];
  const first = connect({ ...options, maxVersion: version, minVersion: version });
  first.on('session', (session) => sessions.push(session));
  first.write('hello');
  await once(first, 'data');
  const session = sessions.at(-1) ?? first.getSession();
  first.destroy();
  const second = connect({
    ...options,
    maxVersion: version,
    minVersion: version,
    ...(session && { session }),
  });
  second.write('hello');
  await once(second, 'data');
  expect([second.isSessionReused(), listening.admitted.at(-1)?.isSessionReused()]).toEqual([false, false]);
  second.destroy();
});

test('a client whose connection breaks ends nobody’s process', async () => {
  const below = connectPlain(listening.port, '127.0.0.1');
  const socket = connect({ socket: below, servername: 'localhost', ca: ca.cert, ...good });
  socket.on('error', () => {}).write('hello');
  await once(socket, 'data');
  const admitted = listening.admitted.at(-1);
  const closed = new Promise<boolean>((resolve) => void admitted?.once('close', resolve));
  below.resetAndDestroy();
  // Nobody here listens for errors but the guard, and one that nobody listens for would end this process.
  expect(await closed).toBe(true);
  (await welcome(good)).destroy();
});

test('who does not finish its handshake is let go', async () => {
  lines.length = 0;
  await using slow = await listenTls(tls, { handshakeTimeout: 50 });
  const socket = connectPlain(slow.port, '127.0.0.1');
  await once(socket.resume(), 'close');
  expect(lines).toMatchObject([{ fields: { problem: 'ERR_TLS_HANDSHAKE_TIMEOUT' } }]);
});

test.each([
  ['its address', { ofAddress: 3, ofAll: 100 }],
  ['all', { ofAddress: 100, ofAll: 3 }],
])('no more handshakes are begun than may be under way of %s', async (_, handshakes) => {
  lines.length = 0;
  await using few = await listenTls(tls, {}, { handshakes });
  const plain = async () => {
    const socket = connectPlain(few.port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  // Those that are through count no more.
  const through = [await welcome(good, few.port), await welcome(good, few.port)];
  const waiting = [await plain(), await plain(), await plain()];
  const fourth = await plain();
  await once(fourth.resume(), 'close');
  await vi.waitFor(() => expect(lines).toContainEqual(TOO_MANY_HANDSHAKES), { interval: 5 });
  expect(waiting.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  waiting[0]?.destroy();
  await vi.waitFor(async () => (await welcome(good, few.port)).destroy(), { interval: 5 });
  for (const socket of [...through, ...waiting]) socket.destroy();
});

const TOO_MANY_HANDSHAKES = expect.objectContaining({
  level: 'warn',
  fields: expect.objectContaining({
    problem: 'too-many-handshakes',
    peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  }),
});

test('where clients need no certificate, they are asked for none', async () => {
  using simple = await openTls({ ...folder.settings, clients: 'simple' }, log);
  await using open = await listenTls(simple);
  const socket = connect({ port: open.port, host: '127.0.0.1', servername: 'localhost', ca: ca.cert });
  socket.write('hello');
  await once(socket, 'data');
  expect(peerNames(open.admitted[0] ?? {})).toEqual([]);
  socket.destroy();
});

test('a server of TLS 1.3 alone takes no 1.2, and one with a list of ciphers none but those', async () => {
  using newest = await openTls({ ...folder.settings, minVersion: 'TLSv1.3' }, log);
  using few = await openTls({ ...folder.settings, cipherList: 'ECDHE-ECDSA-AES256-GCM-SHA384' }, log);
  await using old = await listenTls(newest);
  await using narrow = await listenTls(few);
  for (const [port, options, problem] of [
    [old.port, { maxVersion: 'TLSv1.2' }, 'ERR_SSL_UNSUPPORTED_PROTOCOL'],
    [
      narrow.port,
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
      'ERR_SSL_NO_SHARED_CIPHER',
    ],
  ] as const) {
    lines.length = 0;
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: ca.cert, ...options });
    await once(socket, 'error');
    await vi.waitFor(() => expect(lines).toMatchObject([{ fields: { problem } }]), { interval: 5 });
  }
});
