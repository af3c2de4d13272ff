/** A client sends nothing to a server that it does not believe, and says which certificate that was, why, and what to do. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { type TemporaryFolder, temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import type { Tls, TlsSettings, Transport } from '@sealtrack/tls/tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { startRpcServer } from './server.ts';
import { showOnly, type TestCa, testCa } from './testing/certificates.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, recordings } from './testing.ts';

let folder: TemporaryFolder;
let ca: TestCa;
let stranger: TestCa;
let revoked: TlsSettings;
let transport: Tls;
let calls = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
  ca = await testCa(folder.path);
  stranger = await testCa(folder.path, 'Another CA');
  revoked = await ca.issueTo('thief');
  await ca.revoke('thief');
  const own = await ca.issueTo('pipeline', {}, { crlFiles: [ca.crlFile] });
  transport = await openTls(own, collectingLog());
});

afterAll(async () => {
  transport?.[Symbol.dispose]();
  await folder?.remove();
});

interface Reached extends AsyncDisposable {
  readonly address: string;
}

const grpc = (given: Transport): Promise<Reached> =>
  startRpcServer({
    access: OPEN_TO_ALL,
    transport: given,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [
      recordings(async () => {
        calls += 1;
        return {};
      }),
    ],
  });

const showing = async (settings: Promise<TlsSettings>): Promise<Reached> =>
  grpc(await showOnly(await settings, ca.ca.cert));

async function listening(server: ReturnType<typeof createNetServer>): Promise<Reached> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** A server that is none of ours, with a certificate that is right. */
async function tls(options: TlsOptions): Promise<Reached> {
  const server = await ca.issueTo('elsewhere');
  const cert = await readFile(server.certificateFile);
  const key = await readFile(server.certificateKeyFile);
  return await listening(createTlsServer({ cert, key, ...options }));
}

interface Bad {
  readonly start: () => Promise<Reached>;
  readonly serverName?: string;
  /** Whether the client comes with a certificate of another CA. */
  readonly asGuest?: boolean;
  readonly code?: string;
  /** What the message says behind the address. */
  readonly says: RegExp;
  readonly subject?: string;
}

const BAD: Readonly<Record<string, Bad>> = {
  'another name': {
    start: () => showing(ca.issueTo('crypto-server')),
    serverName: 'profile-config',
    says: /profile-config/,
    subject: 'CN=crypto-server',
  },
  'another CA': {
    start: () => showing(stranger.issueTo('crypto-server')),
    says: /trusted/,
    subject: 'CN=crypto-server',
  },
  expired: {
    start: () => showing(ca.issueTo('crypto-server', { valid: [-3, -1] })),
    says: /expired/,
    subject: 'CN=crypto-server',
  },
  'not yet valid': {
    start: () => showing(ca.issueTo('crypto-server', { valid: [1, 3] })),
    says: /not valid (yet|before)/,
    subject: 'CN=crypto-server',
  },
  revoked: { start: () => showing(Promise.resolve(revoked)), says: /revoked/, subject: 'CN=thief' },
  'for clients': {
    start: () => showing(ca.issueTo('crypto-server', { usage: 'client' })),
    says: /not for servers|extendedKeyUsage/,
    subject: 'CN=crypto-server',
  },
  'HTTP/2 in plaintext': {
    start: () => listening(createHttp2Server()),
    code: 'SERVICE_UNAVAILABLE',
    says: /does not speak TLS/,
  },
  'something that says nothing of use': {
    start: () =>
      listening(createNetServer((socket) => socket.on('error', () => {}).end('220 mail ready\r\n'))),
    code: 'SERVICE_UNAVAILABLE',
    says: /does not speak TLS/,
  },
  'something that hangs up': {
    start: () => listening(createNetServer((socket) => socket.destroy())),
    code: 'SERVICE_UNAVAILABLE',
    says: /broke off the TLS handshake/,
  },
  'TLS without HTTP/2': {
    start: () => tls({ ALPNProtocols: ['http/1.1'] }),
    code: 'SERVICE_UNAVAILABLE',
    says: /does not speak gRPC/,
  },
  'TLS that knows no protocols': {
    start: () => tls({}),
    code: 'SERVICE_UNAVAILABLE',
    says: /does not speak gRPC/,
  },
  'TLS 1.1 alone': {
    start: () => tls({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    code: 'SERVICE_UNAVAILABLE',
    says: /no version of TLS/,
  },
  'one whose TLS library refuses this client': {
    start: () => tls({ ALPNProtocols: ['h2'], requestCert: true }),
    code: 'SERVICE_UNAVAILABLE',
    says: /refuses the certificate of this process.*CN=pipeline/,
  },
  'one that refuses this client when it has seen it': {
    start: async () => grpc(await openTls(await ca.issueTo('crypto-server'), collectingLog())),
    asGuest: true,
    code: 'SERVICE_UNAVAILABLE',
    says: /refuses the certificate of this process.*CN=guest/,
  },
};

test.each(Object.entries(BAD))(
  '%s',
  async (_, { start, serverName, asGuest, code = 'PEER_UNTRUSTED', says, subject }) => {
    calls = 0;
    await using server = await start();
    const guest = asGuest ? await showOnly(await stranger.issueTo('guest'), ca.ca.cert) : undefined;
    await using rpc = connectRpc(RecordingServiceDefinition, server.address, {
      transport: guest ?? transport,
      ...(serverName && { serverName }),
    });
    const error: unknown = await rpc
      .getRecording({ tenantId: 'demo', recordingId: 'r1' })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(says),
      fix: expect.stringMatching(/\w.*\.$/),
      details: { address: server.address, ...(subject && { subject: expect.stringContaining(subject) }) },
    });
    expect((error as AppError).message).toContain(server.address);
    expect(calls).toBe(0);
  },
);

test('what an earlier connection failed with is not said of a server that is not there any more', async () => {
  const server = await showing(ca.issueTo('crypto-server', { valid: [-3, -1] }));
  await using rpc = connectRpc(RecordingServiceDefinition, server.address, { transport });
  const outcome = () =>
    rpc.getRecording({ tenantId: 'demo', recordingId: 'r1' }).catch((error: AppError) => error.code);
  expect(await outcome()).toBe('PEER_UNTRUSTED');
  await server[Symbol.asyncDispose]();
  await expect.poll(outcome, { timeout: 10_000 }).toBe('SERVICE_UNAVAILABLE');
});
