/** Whoever may not come in meets a closed door: refused, named in the log, and gone, while everybody else is served. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectNet, type Server } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { type TemporaryFolder, temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { PLAINTEXT, type TlsSettings, type Transport } from '@sealtrack/tls/tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRpc, type RpcClient } from './client.ts';
import { type RpcServer, startRpcServer } from './server.ts';
import { showOnly, testCa } from './testing/certificates.ts';
import { collectingLog, recordings } from './testing.ts';

const request = { tenantId: 'demo', recordingId: 'r1' };
const LISTEN = 'tracing:net.server.listen:asyncStart';

let folder: TemporaryFolder;
let ca: Awaited<ReturnType<typeof testCa>>;
let stranger: Awaited<ReturnType<typeof testCa>>;
let good: TlsSettings;
let server: RpcServer;
let regular: RpcClient<typeof RecordingServiceDefinition>;
let connections: () => Promise<number>;
let calls = 0;
const log = collectingLog();
const port = () => Number(server.address.split(':')[1]);
const host = '127.0.0.1';

beforeAll(async () => {
  folder = await temporaryFolder();
  ca = await testCa(folder.path);
  stranger = await testCa(folder.path, 'Another CA');
  await ca.revoke(666);
  const listening: Server[] = [];
  const onListen = (message: unknown) => listening.push((message as { server: Server }).server);
  subscribe(LISTEN, onListen);
  const own = await ca.issueTo('crypto-server', { serial: 2 }, { crlFiles: [ca.crlFile] });
  server = await startRpcServer({
    transport: await openTls(own, log),
    listen: '127.0.0.1:0',
    log,
    services: [
      recordings(async () => {
        calls += 1;
        return {};
      }),
    ],
  });
  unsubscribe(LISTEN, onListen);
  connections = () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    listening[0]?.getConnections((_, count) => resolve(count));
    return promise;
  };
  good = await ca.issueTo('pipeline', { serial: 3 });
  regular = connectRpc(RecordingServiceDefinition, server.address, { transport: await openTls(good, log) });
  await regular.getRecording(request);
});

afterAll(async () => {
  await regular?.[Symbol.asyncDispose]();
  await server?.close();
  await folder?.remove();
});

/** A client that does everything right but for what it shows. */
async function call(transport: Transport): Promise<void> {
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport });
  await expect(client.getRecording(request)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
}

const showing = async (settings: Promise<TlsSettings>): Promise<void> =>
  call(await showOnly(await settings, ca.certificate));

/** The bytes that come back until the other side closes. */
async function knock(open: () => ReturnType<typeof connectNet>, say: string | Buffer = ''): Promise<string> {
  const socket = open();
  let answer = '';
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    answer += bytes.toString('latin1');
  });
  socket.write(say);
  await new Promise((resolve) => socket.on('close', resolve));
  return answer;
}

const overTls = (options: ConnectionOptions) => () =>
  connectTls({ host, port: port(), ca: ca.certificate, ...options });
const overTcp = () => connectNet({ host, port: port() });

const BAD: readonly (readonly [who: string, come: () => Promise<unknown>, logged: RegExp])[] = [
  [
    'no certificate',
    async () => expect(await knock(overTls({ ALPNProtocols: ['h2'] }))).toBe(''),
    /no certificate/i,
  ],
  ['another CA', () => showing(stranger.issueTo('pipeline', { serial: 10 })), /CN=pipeline/],
  ['an expired one', () => showing(ca.issueTo('late', { serial: 11, valid: [-3, -1] })), /CN=late.*expired/],
  [
    'one that is not valid yet',
    () => showing(ca.issueTo('early', { serial: 12, valid: [1, 3] })),
    /CN=early.*not.valid|CN=early.*not.yet/,
  ],
  ['a revoked one', () => showing(ca.issueTo('thief', { serial: 666 })), /CN=thief.*revoked/],
  [
    'one for servers',
    () => showing(ca.issueTo('profile-config', { serial: 13, usages: ['server'] })),
    /CN=profile-config.*(usage|purpose)/i,
  ],
  [
    'TLS 1.1',
    async () =>
      knock(
        overTls({
          minVersion: 'TLSv1.1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
          cert: await readFile(good.certificateFile),
          key: await readFile(good.certificateKeyFile),
        }),
      ),
    /unsupported protocol|UNSUPPORTED_PROTOCOL|version/i,
  ],
  ['gRPC over plaintext', () => call(PLAINTEXT), /TLS handshake/],
  [
    'HTTP/1.1 over plaintext',
    async () =>
      expect(await knock(overTcp, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).not.toContain('HTTP/1.1 200'),
    /http request|TLS handshake/i,
  ],
  [
    'HTTP/1.1 over TLS',
    async () =>
      expect(
        await knock(
          overTls({
            cert: await readFile(good.certificateFile),
            key: await readFile(good.certificateKeyFile),
          }),
          'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
        ),
      ).toBe(''),
    /HTTP\/2/,
  ],
  ['garbage', () => knock(overTcp, Buffer.alloc(4096, 0x5a)), /TLS handshake/],
];

/** What a pino logger would make of it, whole. */
const said = () =>
  log.lines
    .filter(({ level }) => level === 'warn')
    .map(({ message, fields }) =>
      JSON.stringify({ message, ...fields }, (_, value: unknown) =>
        value instanceof Error ? `${value.message} ${Reflect.get(value, 'code')}` : value,
      ),
    );

test.each(BAD)('%s', async (_, come, logged) => {
  log.lines.length = 0;
  const before = calls;
  await come();
  await expect.poll(said).toContainEqual(expect.stringMatching(logged));
  expect(calls).toBe(before);

  const next = connectHttp2(`https://${server.address}`, (await openTls(good, log)).client(host));
  await once(next, 'remoteSettings');
  next.close();
  await regular.getRecording(request);
  // Of all that came, the regular one's alone is left.
  await expect.poll(connections).toBe(1);
});
