import { once } from 'node:events';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { connect, createServer, type TlsOptions } from 'node:tls';
import { names } from '@sealtrack/certificates/x509/testing/issue';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openTls } from './open-tls.ts';
import { codeOf, tlsReason } from './reasons.ts';
import {
  createCa,
  hoursFromNow,
  type Identity,
  type IdentityOptions,
  selfSigned,
} from './testing/issue-peers.ts';
import { noteTlsLog, tlsFolder } from './testing/tls-folder.ts';

const ca = createCa('Test CA');
const between = ca.below('Intermediate CA');
const unlisted = ca.below('CA without a list');
const revoked = ca.issue('crypto-server');
const folder = await tlsFolder(ca, ca.issue('pipeline'), Buffer.concat([ca.crl([revoked]), between.crl()]));
const { log } = noteTlsLog();
const tls = await openTls(folder.settings, log);
afterAll(async () => {
  tls[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

async function serve({ cert, key }: Identity, more: TlsOptions = {}): Promise<number> {
  const server = createServer({ cert, key, ...more }, (socket) =>
    socket.on('error', () => {}).end('welcome'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** What is said to a client that connects so, or the error that it gets. */
async function visit(port: number, serverName = 'crypto-server', by = tls): Promise<unknown> {
  const socket = connect({ ...by.client(serverName), host: '127.0.0.1', port });
  try {
    const [data] = await once(socket, 'data');
    return String(data);
  } catch (error) {
    return error;
  } finally {
    socket.destroy();
  }
}

test.each([
  ['crypto-server', ca.issue('crypto-server')],
  ['crypto-server', ca.issue('crypto-server', { usage: 'server' })],
  ['CRYPTO-SERVER.', ca.issue('crypto-server')],
  ['127.0.0.1', ca.issue('crypto-server')],
  ['a.example.com', ca.issue('x', { altNames: [names.dns('*.example.com')] })],
  ['::1', ca.issue('x', { altNames: [names.ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)] })],
  ['crypto-server', between.issue('crypto-server')],
])('%s is believed', async (serverName, identity) => {
  expect(await visit(await serve(identity), serverName)).toBe('welcome');
});

describe('a server is refused', () => {
  const named = (options: IdentityOptions) => ca.issue('crypto-server', options);
  test.each<[what: string, identity: Identity, text: string, serverName?: string]>([
    ['that is another', ca.issue('profile-config'), 'CN=profile-config is not for crypto-server'],
    ['by an address that it has not', ca.issue('x'), 'CN=x is not for 10.0.0.1', '10.0.0.1'],
    ['that has its name in CN alone', named({ altNames: [names.dns('x')] }), 'is not for crypto-server'],
    [
      'with its address as a name',
      named({ altNames: [names.dns('127.0.0.1')] }),
      'is not for 127.0.0.1',
      '127.0.0.1',
    ],
    [
      'with a name of one label more',
      named({ altNames: [names.dns('*.a.b')] }),
      'is not for x.y.a.b',
      'x.y.a.b',
    ],
    ['that was revoked', revoked, `CN=crypto-server was revoked by its CA`],
    [
      'whose CA has no list',
      unlisted.issue('crypto-server'),
      'There is no CRL that says whether CN=crypto-server',
    ],
  ])('%s', async (_, identity, text, serverName) => {
    const error = await visit(await serve(identity), serverName);
    expect(error).toMatchObject({
      code: 'ERR_TLS_SERVER_REFUSED',
      message: expect.stringContaining(text),
      fix: expect.any(String),
    });
    expect(error).toMatchObject({
      message: expect.stringMatching(/serial [0-9A-F]+, issued by CN=.*SHA-256 [0-9a-f]{64}/),
    });
  });

  test.each<[what: string, identity: Identity, code: string]>([
    ['of another CA', createCa('Stranger CA').issue('crypto-server'), 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    [
      'of a CA that is called the same',
      createCa('Test CA').issue('crypto-server'),
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ],
    ['that is its own issuer', selfSigned('crypto-server'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['that expired', named({ notAfter: hoursFromNow(-0.5) }), 'CERT_HAS_EXPIRED'],
    ['that is not valid yet', named({ notBefore: hoursFromNow(1) }), 'CERT_NOT_YET_VALID'],
    ['with a certificate for clients', named({ usage: 'client' }), 'INVALID_PURPOSE'],
    [
      'without its intermediate CA',
      between.issue('crypto-server', { alone: true }),
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ],
  ])('%s, by OpenSSL, in words that can be read', async (_, identity, code) => {
    const error = await visit(await serve(identity));
    expect(error).toMatchObject({ code });
    expect(tlsReason(codeOf(error))).toMatch(/^(a|its|no) .*certificate|CA/);
  });

  test('of TLS 1.1, or that speaks none', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const error = await visit(await serve(ca.issue('crypto-server'), old));
    expect(tlsReason(codeOf(error))).toMatch(/no version/);
    const plain = createPlainServer((socket) =>
      socket.on('error', () => {}).end('INFO {"server_id":"…"}\r\n'),
    );
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    onTestFinished(() => void plain.close());
    const { port } = plain.address() as AddressInfo;
    expect(tlsReason(codeOf(await visit(port)))).toContain('in the clear');
  });
});

test('without the check of names only the name does not matter', async () => {
  using lax = await openTls({ ...folder.settings, targetNameCheck: false }, log);
  expect(await visit(await serve(ca.issue('profile-config')), 'crypto-server', lax)).toBe('welcome');
  expect(await visit(await serve(revoked), 'crypto-server', lax)).toMatchObject({ problem: 'revoked' });
});

test('a CA is trusted wherever it stands, and nothing above it is asked for', async () => {
  await using below = await tlsFolder(between, ca.issue('pipeline'));
  using trusting = await openTls(below.settings, log);
  expect(await visit(await serve(between.issue('crypto-server')), 'crypto-server', trusting)).toBe('welcome');
  expect(await visit(await serve(ca.issue('crypto-server')), 'crypto-server', trusting)).toBeInstanceOf(
    Error,
  );
});
