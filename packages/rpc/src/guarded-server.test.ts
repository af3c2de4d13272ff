import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import type { Tls, TlsSettings } from '@sealtrack/tls/tls';
import { createServer } from 'nice-grpc';
import { beforeAll, expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { listenGuarded } from './guarded-server.ts';
import { callInterceptor } from './interceptor.ts';
import { serveCalls } from './serve.ts';
import { testCa } from './testing/certificates.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, recordings } from './testing.ts';

const request = { tenantId: 'demo', recordingId: 'r1' };
const log = collectingLog();
let settings: { readonly server: TlsSettings; readonly client: TlsSettings };

beforeAll(async () => {
  const folder = await temporaryFolder();
  const ca = await testCa(folder.path);
  settings = {
    server: await ca.issueTo('crypto-server'),
    client: await ca.issueTo('pipeline'),
  };
  return () => folder.remove();
});

const serverOf = (tls: Tls) => {
  const server = createServer({ interceptors: [callInterceptor(tls)] }).use(
    serveCalls({ active: new Set(), underWay: 0, closing: false }, { log, access: OPEN_TO_ALL }),
  );
  recordings(async () => ({})).addTo(server);
  return server;
};

const call = async (port: number) => {
  using tls = await openTls(settings.client, log);
  await using client = connectRpc(RecordingServiceDefinition, `127.0.0.1:${port}`, { transport: tls });
  return await client.getRecording(request);
};

test('a server that listens unseen is an error, and lets nobody in, not even the right ones', async () => {
  using tls = await openTls(settings.server, log);
  const server = serverOf(tls);
  // As if grpc-js listened in a way of its own some day.
  const unseen = AsyncLocalStorage.snapshot();
  const attempts: unknown[] = [];
  const listening = listenGuarded(tls, log, async (credentials) => {
    const port = await unseen(() => server.listen('127.0.0.1:0', credentials));
    attempts.push(await call(port).catch((error: unknown) => error));
    return port;
  });
  await expect(listening).rejects.toThrow('guarded-server.ts');
  server.forceShutdown();
  expect(attempts).toEqual([expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' })]);
});

test('each of several servers is guarded, as a name may stand for several addresses', async () => {
  using tls = await openTls(settings.server, log);
  const servers = [serverOf(tls), serverOf(tls)];
  const ports = await listenGuarded(tls, log, (credentials) =>
    Promise.all(servers.map((server) => server.listen('127.0.0.1:0', credentials))),
  );
  const ca = await readFile(settings.server.trustedCaFiles[0] ?? '');
  for (const port of ports) {
    const socket = connect({ port, host: '127.0.0.1', ca, ALPNProtocols: ['h2'] });
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.on('error', () => {}).on('close', () => resolve());
    await closed;
    expect(socket.bytesRead).toBe(0);
    expect(await call(port)).toBeDefined();
  }
  for (const server of servers) server.forceShutdown();
});

test('a connection that nobody let in has no calls', async () => {
  const { server: own } = settings;
  using tls = await openTls(own, log);
  const server = serverOf(tls);
  const [root, key, certificate] = await Promise.all(
    [own.trustedCaFiles[0] ?? '', own.certificateKeyFile, own.certificateFile].map((file) => readFile(file)),
  );
  if (root === undefined || key === undefined || certificate === undefined) throw new Error('Nothing there');
  const credentials = ServerCredentials.createSsl(
    root,
    [{ private_key: key, cert_chain: certificate }],
    true,
  );
  const port = await server.listen('127.0.0.1:0', credentials);
  const failed = expect(call(port)).rejects;
  await failed.toMatchObject({
    cause: expect.objectContaining({ details: 'This connection was not let in' }),
  });
  server.forceShutdown();
});

test('one caller has so many connections, and others theirs', async () => {
  using tls = await openTls(settings.server, log);
  using client = await openTls(settings.client, log);
  const server = serverOf(tls);
  const port = await listenGuarded(tls, log, (credentials) => server.listen('127.0.0.1:0', credentials), 2);
  const sessionOf = (own: Tls) =>
    connectHttp2(`https://127.0.0.1:${port}`, own.client('127.0.0.1')).on('error', () => {});
  const sessions = [sessionOf(client), sessionOf(client), sessionOf(tls)];
  await Promise.all(sessions.map((session) => once(session, 'remoteSettings')));
  const third = sessionOf(client);
  await once(third, 'close');
  expect(log.lines.at(-1)).toMatchObject({
    fields: { problem: 'too-many-connections', names: ['pipeline'] },
  });
  sessions[0]?.destroy();
  await expect.poll(() => call(port).then(() => 'answered', String)).toBe('answered');
  for (const session of sessions) session.destroy();
  server.forceShutdown();
});
