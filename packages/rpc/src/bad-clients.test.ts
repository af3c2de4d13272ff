/** Whoever may not come in meets a closed door: refused, named in the log, and gone, while everybody else is served. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { Server } from 'node:net';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { openTls } from '@sealtrack/tls/open-tls';
import { type BadPeer, badPeers, speakTls } from '@sealtrack/tls/testing/bad-peers';
import { createCa } from '@sealtrack/tls/testing/issue-peers';
import { type TlsFolder, tlsFolder } from '@sealtrack/tls/testing/tls-folder';
import { PLAINTEXT, type Tls, type Transport } from '@sealtrack/tls/tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRpc, type RpcClient } from './client.ts';
import { type RpcServer, startRpcServer } from './server.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, recordings } from './testing.ts';

const request = { tenantId: 'demo', recordingId: 'r1' };
const ca = createCa('Test CA');
const revoked = ca.issue('thief');
const pipeline = ca.issue('pipeline');
const log = collectingLog();

let calls = 0;
let folders: readonly TlsFolder[] = [];
let server: RpcServer;
let listening: Server;
let good: Tls;
let regular: RpcClient<typeof RecordingServiceDefinition>;

beforeAll(async () => {
  folders = [
    await tlsFolder(ca, ca.issue('crypto-server'), ca.crl([revoked])),
    await tlsFolder(ca, pipeline),
  ];
  const [own, client] = await Promise.all(folders.map(({ settings }) => openTls(settings, log)));
  if (own === undefined || client === undefined) throw new Error('There are two');
  good = client;
  const onListen = (message: unknown) => {
    listening = (message as { readonly server: Server }).server;
  };
  subscribe('tracing:net.server.listen:asyncStart', onListen);
  const services = [
    recordings(async () => {
      calls += 1;
      return {};
    }),
  ];
  server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: own,
    listen: '127.0.0.1:0',
    log,
    services,
  });
  unsubscribe('tracing:net.server.listen:asyncStart', onListen);
  regular = connectRpc(RecordingServiceDefinition, server.address, { transport: good });
  await regular.getRecording(request);
});

afterAll(async () => {
  await regular?.[Symbol.asyncDispose]();
  await server?.close();
  for (const folder of folders) await folder[Symbol.asyncDispose]();
});

/** As a gRPC client: what its call failed with. */
async function call(transport: Transport): Promise<string> {
  const address = server.address;
  await using client = connectRpc(RecordingServiceDefinition, address, { transport, deadlineMs: 30_000 });
  await expect(client.getRecording(request)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    ...(transport === PLAINTEXT && { fix: expect.stringContaining('SEALTRACK_TLS') }),
  });
  return '';
}

/** What gRPC adds to those whom every listener meets. */
const BAD: readonly BadPeer[] = [
  ...badPeers(ca, revoked),
  {
    what: 'a gRPC client with a certificate of another CA',
    problem: 'issuer-unknown',
    hasCertificate: true,
    knock: async () => {
      await using folder = await tlsFolder(ca, createCa('Stranger CA').issue('stranger'));
      using transport = await openTls(folder.settings, log);
      return await call(transport);
    },
  },
  {
    what: 'a gRPC client over plaintext',
    problem: 'ERR_SSL_WRONG_VERSION_NUMBER',
    hasCertificate: false,
    knock: () => call(PLAINTEXT),
  },
  {
    what: 'HTTP/1.1 over TLS with a certificate that is right',
    problem: 'no-http2',
    hasCertificate: false,
    knock: (port) => speakTls(port, { ca: ca.cert, cert: pipeline.cert, key: pipeline.key }),
  },
];

const connections = () =>
  new Promise<number>((resolve) => listening.getConnections((_, count) => resolve(count)));

test.each(BAD)('$what', async ({ problem, hasCertificate, knock }) => {
  log.lines.length = 0;
  calls = 0;
  expect(await knock(Number(server.address.split(':')[1]))).toBe('');
  const line = () => log.lines.find(({ fields }) => fields.problem === problem)?.fields;
  await expect.poll(line).toMatchObject({
    peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    ...(hasCertificate && { certificate: { fingerprint: expect.any(String) } }),
  });
  expect(calls).toBe(0);

  const next = connectHttp2(`https://${server.address}`, good.client('127.0.0.1'));
  await once(next, 'remoteSettings');
  next.close();
  await regular.getRecording(request);
  // Of all that came, the regular one's alone is left.
  await expect.poll(connections).toBe(1);
});
