import { bootstrap, partyFiles } from '@sealtrack/authority/bootstrap';
import { startRpcServer } from '@sealtrack/rpc/server';
import { collectingLog, recordings } from '@sealtrack/rpc/testing';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { createLogger } from '@sealtrack/service-kit/logger';
import { startMetrics } from '@sealtrack/service-kit/start-metrics';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { afterAll, expect, test } from 'vitest';
import { hasTool, tool } from '../testing/tools.ts';

/** What the programs of users see of a listener of ours. */

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const [dir, elsewhere] = [`${folder.path}/ours`, `${folder.path}/theirs`];
await Promise.all([bootstrap({ dir }), bootstrap({ dir: elsewhere })]);
const files = partyFiles(dir, 'pipeline');
const strangers = partyFiles(elsewhere, 'pipeline');

const log = collectingLog();
const server = partyFiles(dir, 'metadata-processor');
const transport = await openTls(
  {
    certificateFile: server.certificate,
    certificateKeyFile: server.certificateKey,
    trustedCaFiles: [server.trustedCa],
    crlFiles: [],
    clients: 'mutual',
    targetNameCheck: true,
    minVersion: 'TLSv1.2',
  },
  log,
);
const rpc = await startRpcServer({
  access: OPEN_TO_ALL,
  listen: '127.0.0.1:0',
  services: [recordings(async () => ({}))],
  log,
  transport,
});
const metrics = await startMetrics(
  '127.0.0.1:0',
  transport,
  createLogger({ service: 'interop', level: 'silent' }),
);
afterAll(async () => {
  await metrics[Symbol.asyncDispose]();
  await rpc.close();
  transport[Symbol.dispose]();
});

/** The beginning of HTTP/2 (RFC 9113, 3.4), and what a server's own begins with: the header of a SETTINGS frame. */
const HTTP2 = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from('000000040000000000', 'hex'),
]);
const isAnswered = (stdout: Buffer): boolean => stdout.length >= 9 && stdout[3] === 4;

const pair = ({ certificate, certificateKey }: typeof files) => [
  '-cert',
  certificate,
  '-key',
  certificateKey,
];
const sClient = (...args: readonly string[]) =>
  tool(
    'openssl',
    [
      ...['s_client', '-connect', rpc.address, '-quiet', '-alpn', 'h2', '-CAfile', files.trustedCa],
      ...['-verify_return_error', '-verify_hostname', 'metadata-processor', '-no_ign_eof', ...args],
    ],
    { say: HTTP2, until: isAnswered },
  );

test.each(['-tls1_2', '-tls1_3'])(
  'gRPC: openssl s_client %s is let in with a certificate',
  async (version) => {
    const said = await sClient(version, ...pair(files));
    expect(said.text).toContain('CN = metadata-processor');
    expect(isAnswered(said.stdout), said.text).toBe(true);
  },
);

test.each<readonly [string, readonly string[], RegExp]>([
  ['with TLS 1.1', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0', ...pair(files)], /alert protocol version/],
  ['without a certificate', [], /verify return/],
  ['without a certificate in TLS 1.2', ['-tls1_2'], /verify return/],
  ['with a certificate of another CA', pair(strangers), /verify return/],
  ['for another host', ['-verify_hostname', 'crypto-server', ...pair(files)], /hostname mismatch/],
])('gRPC: openssl s_client is refused %s', async (_, args, why) => {
  const said = await sClient(...args);
  expect(said.text).toMatch(why);
  expect(said.stdout.length, said.text).toBe(0);
});

test.skipIf(!hasTool('gnutls-cli'))(
  'gRPC: gnutls-cli makes a handshake, and believes the server',
  async () => {
    const [, port = ''] = rpc.address.split(':');
    const trust = ['--x509cafile', files.trustedCa, '--verify-hostname', 'metadata-processor'];
    const own = ['--x509certfile', files.certificate, '--x509keyfile', files.certificateKey];
    const args = [...trust, ...own, '--alpn', 'h2', '--port', port];
    const said = await tool('gnutls-cli', [...args, '127.0.0.1'], {
      say: HTTP2,
      until: (out) => out.includes('- Simple Client Mode'),
    });
    expect(said.text).toContain('The certificate is trusted');
  },
);

test('gRPC: curl speaks to it, and is told that it is no browser', async () => {
  const url = `https://${rpc.address}/`;
  const said = await tool('curl', [
    ...['--silent', '--show-error', '--http2', '--cacert', files.trustedCa, '--cert', files.certificate],
    ...['--key', files.certificateKey, '--write-out', '%{http_version} %{http_code}', url],
  ]);
  expect(said).toMatchObject({ code: 0, text: expect.stringMatching(/^2 4\d\d$/) });
});

const curlMetrics = (...args: readonly string[]) =>
  tool('curl', [
    '--silent',
    '--show-error',
    '--cacert',
    files.trustedCa,
    ...args,
    `https://${metrics.addresses.metrics}/metrics`,
  ]);

test('metrics: curl reads them with a certificate, and is refused without one and in the clear', async () => {
  const { certificate, certificateKey } = files;
  const read = await curlMetrics('--cert', certificate, '--key', certificateKey);
  expect(read.text).toContain('process_resident_memory_bytes');
  const [bare, clear] = await Promise.all([
    curlMetrics(),
    tool('curl', ['--silent', '--show-error', `http://${metrics.addresses.metrics}/metrics`]),
  ]);
  for (const { code, text } of [bare, clear]) {
    expect(text).toMatch(/^curl: /);
    expect(code).not.toBe(0);
  }
});
