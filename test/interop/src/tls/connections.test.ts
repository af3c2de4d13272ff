import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { afterAll, expect, test } from 'vitest';
import { createPki, type Issued } from '../testing/pki.ts';
import { serverTool } from '../testing/server-tool.ts';
import { hasTool, tool } from '../testing/tools.ts';

/** Connections with what `sealtrack tls` issues: others with others, and others with us. */

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const pki = await createPki(folder.path);
const own = ({ files }: Issued) => [
  '-cert',
  files.certificate,
  '-cert_chain',
  files.certificate,
  '-key',
  files.privateKey,
];
/** From its file of CAs OpenSSL takes CRLs too, and from -CRL one only. */
const strict = ['-CAfile', pki.trusted, '-crl_check_all', '-x509_strict', '-verify_return_error'];

/** openssl s_server with a certificate: it insists on one of its clients, and turns their lines round. */
const opensslServer = async (issued: Issued): Promise<string> => {
  const args = ['s_server', '-accept', '127.0.0.1:0', ...own(issued), ...strict, '-Verify', '4', '-rev'];
  return (await serverTool('openssl', args, /ACCEPT \S+:(\d+)/))[1] ?? '';
};
const [port, revokedPort] = await Promise.all([opensslServer(pki.server), opensslServer(pki.revoked)]);

const sClient = (host: string, to: string, ...args: readonly string[]) =>
  tool(
    'openssl',
    [
      ...['s_client', '-connect', `127.0.0.1:${to}`, '-servername', host, '-verify_hostname', host],
      ...['-quiet', '-no_ign_eof', ...strict, ...args],
    ],
    { say: 'hello\n', until: (out) => out.includes('olleh') },
  );

test.each(['-tls1_2', '-tls1_3'])(
  'openssl s_client and s_server %s, both with certificates',
  async (version) => {
    const said = await sClient('media.example.com', port, version, ...own(pki.client));
    expect(said.stdout.toString(), said.text).toContain('olleh');
  },
);

test.each<readonly [string, string, string, readonly string[], RegExp]>([
  ['a client that was revoked', 'media.example.com', port, own(pki.revoked), /alert certificate revoked/],
  ['a client without a certificate', 'media.example.com', port, [], /alert/],
  ['a server that was revoked', 'old.example.com', revokedPort, own(pki.client), /certificate revoked/],
])('openssl refuses %s', async (_, host, to, args, why) => {
  const said = await sClient(host, to, ...args);
  expect(said.stdout.toString(), said.text).not.toContain('olleh');
  expect(said.text).toMatch(why);
});

test.skipIf(!hasTool('gnutls-cli'))(
  'gnutls-cli and openssl s_server, both with certificates; it refuses what was revoked',
  async () => {
    const connect = (to: string, host: string) =>
      tool(
        'gnutls-cli',
        [
          ...[
            '--x509cafile',
            pki.authorities,
            '--x509crlfile',
            pki.crls,
            '--verify-hostname',
            host,
            '--port',
            to,
          ],
          ...[
            '--x509certfile',
            pki.client.files.certificate,
            '--x509keyfile',
            pki.client.files.privateKey,
            '127.0.0.1',
          ],
        ],
        { say: 'hello\n', until: (out) => out.includes('olleh') },
      );
    const [good, bad] = await Promise.all([
      connect(port, 'media.example.com'),
      connect(revokedPort, 'old.example.com'),
    ]);
    expect(good.text).toMatch(/The certificate is trusted[\s\S]*olleh/);
    expect(bad.text).toContain('certificate chain is revoked');
  },
);

/** As a listener of ours is guarded. */
async function guarded(issued: Issued): Promise<string> {
  const lines: object[] = [];
  const log = { info: () => {}, error: () => {}, warn: (fields: object) => void lines.push(fields) };
  const tls = await openTls(
    {
      certificateFile: issued.files.certificate,
      certificateKeyFile: issued.files.privateKey,
      trustedCaFiles: [pki.root],
      crlFiles: [pki.crls],
      clients: 'mutual',
      targetNameCheck: true,
      minVersion: 'TLSv1.2',
    },
    log,
  );
  const server = createServer(tls.server(), (_, response) => void response.end('welcome'));
  tls.guard(server);
  server.listen(0, '127.0.0.1');
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    tls[Symbol.dispose]();
  });
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  return String((server.address() as AddressInfo).port);
}
const [ours, oursRevoked] = await Promise.all([guarded(pki.server), guarded(pki.revoked)]);

const curl = (host: string, to: string, client: Issued | undefined) =>
  tool('curl', [
    ...[
      '--silent',
      '--show-error',
      '--cacert',
      pki.root,
      '--crlfile',
      pki.crls,
      '--resolve',
      `${host}:${to}:127.0.0.1`,
    ],
    ...(client === undefined ? [] : ['--cert', client.files.certificate, '--key', client.files.privateKey]),
    `https://${host}:${to}/`,
  ]);

test.each<readonly [string, string, string, Issued | undefined, RegExp]>([
  ['with a certificate is let in', 'media.example.com', ours, pki.client, /^welcome$/],
  ['without one is not', 'media.example.com', ours, undefined, /^curl: /],
  ['with one that was revoked is not', 'media.example.com', ours, pki.revoked, /^curl: /],
  [
    'refuses another host',
    'other.example.com',
    ours,
    pki.client,
    /no alternative certificate subject name matches/,
  ],
  ['refuses a server that was revoked', 'old.example.com', oursRevoked, pki.client, /certificate revoked/],
])('curl %s', async (_, host, to, client, says) => {
  expect((await curl(host, to, client)).text).toMatch(says);
});
