import { createServer as createHttp } from 'node:http';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTls, TLSSocket, type TlsOptions } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { createTlsWorld, keyOf, pemOf } from '../testing/tls-world.ts';

const world = await createTlsWorld();
afterAll(() => world.folder.remove());
const { make, write, writeKey, ca, trusted } = world;
const own = make();
const material = { cert: pemOf(own, ca), key: keyOf(own.keys), ca: pemOf(trusted) };
const client = make({ name: 'pipeline' });
const files = {
  root: write('root.pem', trusted),
  cert: write('pipeline.pem', client, ca),
  key: writeKey('pipeline.key', client),
};
const stranger = await createTlsWorld();
afterAll(() => stranger.folder.remove());
const theirs = stranger.make();
stranger.write('theirs.pem', theirs, stranger.ca);
const asStranger = [
  '--cert',
  stranger.at('theirs.pem'),
  '--key',
  stranger.at(stranger.writeKey('theirs.key', theirs)),
];

const open: (Server | ReturnType<typeof createSecureServer>)[] = [];
const sockets = new Set<Socket>();
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of open) server.close();
});

async function listening<S extends Server | ReturnType<typeof createSecureServer>>(
  server: S,
): Promise<string> {
  open.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers whatever it is told, as Redis or NATS do. */
const answer = (socket: Socket): void => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write('-ERR what?\r\n'));
};
const tls = (options: TlsOptions = {}) =>
  listening(createTls({ ...material, requestCert: true, rejectUnauthorized: true, ...options }, answer));
const tcp = (serve: (socket: Socket) => void) => listening(createServer(serve));

/** Refuses as our own servers do: behind the handshake, by closing. */
const guarded = () =>
  listening(
    createTls({ ...material, requestCert: true, rejectUnauthorized: false }, (socket) => {
      if (socket.authorized) answer(socket);
      else socket.destroy();
    }),
  );

const info = (fields: object) =>
  `INFO ${JSON.stringify({ server_id: 'N', version: '2.9.10', ...fields })}\r\n`;

/** What NATS does: INFO in clear, then TLS, then CONNECT. */
const nats = (reply: string, options: TlsOptions = {}) =>
  tcp((socket) => {
    socket.write(info({ tls_required: true, tls_verify: true }));
    const secureContext = createSecureContext(material);
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      requestCert: true,
      rejectUnauthorized: true,
      ...options,
    });
    secure.on('error', () => {});
    secure.on('data', (line) => secure.write(String(line).startsWith('CONNECT') ? reply : '-ERR\r\n'));
  });

const verify = (address: string, ...args: readonly string[]) =>
  cli(['tls', 'verify', address, '--trusted-ca', files.root, '--timeout', '30', ...args, '--json'], {
    cwd: world.folder.path,
  });
const asPipeline = ['--cert', files.cert, '--key', files.key];

interface Row {
  readonly what: string;
  readonly state: string;
  readonly facts: string;
}
interface Report {
  readonly ok: boolean;
  readonly server: object;
  readonly chain: readonly { readonly subject: string }[];
  readonly findings: readonly Row[];
}

const WELL = { clientCertificate: 'required', tls11: 'refused' };

test.each<readonly [string, () => Promise<string>, object]>([
  [
    'TLS 1.3',
    () => tls(),
    { ...WELL, protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', startTls: 'none' },
  ],
  ['TLS 1.2 alone', () => tls({ maxVersion: 'TLSv1.2' }), { ...WELL, protocol: 'TLSv1.2' }],
  ['a guard behind the handshake', guarded, { ...WELL, protocol: 'TLSv1.3' }],
  [
    'HTTP/2',
    () => listening(createSecureServer({ ...material, requestCert: true, rejectUnauthorized: true })),
    WELL,
  ],
  [
    'another cipher',
    () => tls({ ciphers: 'TLS_AES_128_GCM_SHA256' }),
    { ...WELL, cipher: 'TLS_AES_128_GCM_SHA256' },
  ],
  ['NATS', () => nats('+OK\r\n'), { ...WELL, startTls: 'nats' }],
])('a server is well: %s', async (_, start, server) => {
  const address = await start();
  const done = await verify(address, ...asPipeline);
  const [report] = done.json() as [Report];
  expect(report.findings.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(report.server).toMatchObject(server);
  expect(report.chain.map(({ subject }) => subject)).toEqual([
    'CN=crypto-server',
    'CN=Test CA',
    'CN=Test Root',
  ]);
  expect(report.findings).toContainEqual({
    what: 'own certificate',
    state: 'ok',
    facts: 'the server lets it in',
  });
  expect(done.code).toBe(0);
});

const flood = (socket: Socket): void => {
  const send = (): void => {
    while (!socket.destroyed && socket.write('no TLS '.repeat(1000)));
  };
  socket.on('drain', send);
  send();
};

const OLD: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'ALL:@SECLEVEL=0' };

test.each<readonly [string, () => Promise<string>, readonly string[], string, string]>([
  ['certificates optional', () => tls({ rejectUnauthorized: false }), [], 'clients', 'let in without one'],
  [
    'optional in TLS 1.2',
    () => tls({ rejectUnauthorized: false, maxVersion: 'TLSv1.2' }),
    [],
    'clients',
    'let in without one',
  ],
  ['certificates not asked for', () => tls({ requestCert: false }), [], 'clients', 'not asked for'],
  [
    'not asked for in TLS 1.2',
    () => tls({ requestCert: false, maxVersion: 'TLSv1.2' }),
    [],
    'clients',
    'not asked for',
  ],
  ['TLS 1.1', () => tls(OLD), [], 'TLS 1.1', 'is accepted (TLSv1.1)'],
  ['another host', () => tls(), ['--host', 'nats'], 'host', 'is not for nats, but for DNS crypto-server'],
  ['its CA not sent', () => tls({ cert: pemOf(own) }), [], 'chain', 'its issuer is CN=Test CA'],
  [
    'another CA',
    () => tls({ cert: pemOf(theirs, stranger.ca), key: keyOf(theirs.keys) }),
    [],
    'chain',
    'is not by the CA that it names',
  ],
  ['no TLS at all', () => listening(createHttp()), [], 'protocol', 'it says "HTTP/1.1 400'],
  ['NATS without TLS', () => tcp((socket) => socket.write(info({}))), [], 'protocol', 'does not speak TLS'],
  [
    'a user whom NATS does not know',
    () => nats("-ERR 'Authorization Violation'\r\n"),
    asPipeline,
    'own certificate',
    'Authorization Violation',
  ],
  ['a client of another CA', () => tls(), asStranger, 'own certificate', 'refuses it'],
  ['closing at once', () => tcp((socket) => socket.end()), [], 'protocol', 'refuses every handshake'],
  ['sending without an end', () => tcp(flood), [], 'protocol', 'does not speak TLS'],
])('is found and explained: %s', async (_, start, args, what, facts) => {
  const done = await verify(await start(), ...args);
  const [report] = done.json() as [Report];
  const fix = expect.stringMatching(/./);
  expect(report.findings).toContainEqual({
    what,
    state: 'problem',
    facts: expect.stringContaining(facts),
    fix,
  });
  expect({ code: done.code, ok: report.ok }).toEqual({ code: 1, ok: false });
});

/** The header of a record of 300 bytes, and no more. */
const halfARecord = Buffer.from('160303012c', 'hex');

test.each<readonly [string, () => Promise<string>, readonly string[], string]>([
  ['silent', () => tcp(() => {}), [], 'No handshake came about'],
  [
    'silent in the middle of a record',
    () => tcp((socket) => socket.write(halfARecord)),
    [],
    'No handshake came about',
  ],
  [
    'silent where NATS says INFO',
    () => tcp(() => {}),
    ['--starttls', 'nats'],
    'does not say what a NATS server says first',
  ],
  [
    'silent behind INFO',
    () => tcp((socket) => socket.write(info({ tls_required: true }))),
    [],
    'No handshake came about',
  ],
])('nobody waits for a server that is %s', async (_, start, args, message) => {
  const done = await verify(await start(), '--timeout', '0.4', ...args);
  expect(done).toMatchObject({ code: 3, text: '', stderr: expect.stringContaining(message) });
  expect(done.stderr).toContain('DEADLINE_EXCEEDED');
});

test('of a server that is silent behind its handshake, all else is told', async () => {
  const mute = await listening(createTls({ ...material, requestCert: true, rejectUnauthorized: false }));
  const [{ findings, chain }] = (await verify(mute, '--timeout', '0.5')).json() as [Report];
  expect(findings).toContainEqual(expect.objectContaining({ what: 'clients', state: 'warning' }));
  expect(chain).toHaveLength(3);
});

test('where nothing is, where no NATS is, and what is no address', async () => {
  const nowhere = await tcp(() => {});
  await new Promise((resolve) => {
    open.at(-1)?.close(resolve);
  });
  expect(await verify(nowhere)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('SERVICE_UNAVAILABLE'),
  });
  const http = await tcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  expect((await verify(http, '--starttls', 'nats')).stderr).toContain('is no NATS server');
  for (const address of [
    'crypto-server',
    'redis://localhost:6379',
    'localhost:70000',
    ':7013',
    'localhost:0',
  ])
    expect(await verify(address)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no address of a TLS server'),
    });
});

test('a server that may let everybody in is well with --mutual off, and people read it all', async () => {
  const address = await tls({ requestCert: false });
  const done = await cli(['tls', 'verify', address, '--trusted-ca', files.root, '--mutual', 'off'], {
    cwd: world.folder.path,
  });
  expect(done.text).toContain(`${address}\ncertificate 1\n  subject       CN=crypto-server\n`);
  expect(done.text).toContain('ok     clients: are not asked for a certificate\n');
  expect(done.code).toBe(0);
});
