import { once } from 'node:events';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createCa } from '@sealtrack/tls/testing/issue-peers';
import { tlsFolder } from '@sealtrack/tls/testing/tls-folder';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MEDIA, startGateway, startStubCrypto, ticketFor } from './testing/gateway.ts';

const crypto = await startStubCrypto();
afterAll(() => crypto[Symbol.asyncDispose]());
beforeEach(() => {
  crypto.asked.length = 0;
  crypto.before = () => {};
});
const PATH = '/v1/recordings/call-1/media/main';
const target = (url: string, ticket = ticketFor()) => `${url}${PATH}?ticket=${ticket}`;

async function connected(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
/** All that comes, until the other side closes. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

test('a ticket has so many streams at a time, and each gives its place back', async () => {
  await using gateway = await startGateway(crypto, { SEALTRACK_STREAMS_PER_TICKET: '2' });
  const held = Promise.withResolvers<void>();
  crypto.before = (offset) => (offset > 0 ? held.promise : undefined);
  const url = target(gateway.url);
  const away = new AbortController();
  await fetch(url);
  await fetch(url, { signal: away.signal });
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  // Of another ticket that is no matter.
  expect((await fetch(target(gateway.url, ticketFor({ sub: 'other' })))).status).toBe(200);
  away.abort();
  await vi.waitUntil(async () => (await fetch(url)).status === 200);
  held.resolve();
});

test('an address that asks too often is refused before anybody is asked, and others are not', async () => {
  const variables = { SEALTRACK_REQUESTS_PER_SECOND: '1', SEALTRACK_TRUSTED_PROXIES: '127.0.0.1' };
  await using gateway = await startGateway(crypto, variables);
  const ask = async (address: string) => {
    const response = await fetch(target(gateway.url), { headers: { 'x-forwarded-for': address } });
    await response.arrayBuffer();
    return [response.status, response.headers.has('retry-after')];
  };
  const answers = [];
  for (let each = 0; each < 20; each += 1) answers.push(await ask('192.0.2.1'));
  expect(answers.slice(0, 2)).toEqual([
    [200, false],
    [200, false],
  ]);
  expect(answers).toContainEqual([429, true]);
  expect(crypto.asked).toHaveLength(answers.filter(([status]) => status === 200).length);
  expect(await ask('192.0.2.2')).toEqual([200, false]);
});

describe('the address of whoever listens', () => {
  const seen = async (variables: Record<string, string>, headers: Record<string, string>) => {
    await using gateway = await startGateway(crypto, variables);
    await (await fetch(target(gateway.url), { headers })).arrayBuffer();
    const said = gateway.lines.findLast(({ message }) => message === 'http')?.fields.client;
    return [crypto.asked.at(-1)?.clientAddress, said];
  };
  const headers = { 'x-forwarded-for': '192.0.2.1, 203.0.113.9', forwarded: 'for=198.51.100.1' };

  test.each<[string, Record<string, string>, string]>([
    ['is that of the connection, whatever it claims', {}, '127.0.0.1'],
    ['is what a trusted proxy says', { SEALTRACK_TRUSTED_PROXIES: '127.0.0.0/8' }, '203.0.113.9'],
    [
      'is what it says in the header that it sets',
      { SEALTRACK_TRUSTED_PROXIES: '127.0.0.1', SEALTRACK_PROXY_HEADER: 'forwarded' },
      '198.51.100.1',
    ],
    ['is no stranger’s to say', { SEALTRACK_TRUSTED_PROXIES: '10.0.0.0/8' }, '127.0.0.1'],
  ])('%s', async (_, variables, address) => {
    expect(await seen(variables, headers)).toEqual([address, address]);
  });
});

test('an address has so many connections, and a trusted proxy any number', async () => {
  const one = { SEALTRACK_CONNECTIONS_PER_ADDRESS: '1' };
  await using gateway = await startGateway(crypto, one);
  await using behind = await startGateway(crypto, { ...one, SEALTRACK_TRUSTED_PROXIES: '127.0.0.1' });
  const first = await connected(gateway.url);
  const second = await connected(gateway.url);
  expect(await readAll(second)).toBe('');
  first.destroy();
  await vi.waitUntil(async () => (await fetch(`${gateway.url}/healthz`).catch(() => undefined))?.ok);
  const third = await connected(behind.url);
  expect((await fetch(`${behind.url}/healthz`)).ok).toBe(true);
  third.destroy();
});

test('what cannot be read behind a request is not answered in the middle of its response', async () => {
  await using gateway = await startGateway(crypto);
  const held = Promise.withResolvers<void>();
  crypto.before = (offset) => (offset > 5_000 ? held.promise : undefined);
  const socket = await connected(gateway.url);
  const answer = readAll(socket);
  socket.write(`GET ${PATH}?ticket=${ticketFor()} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, 'data');
  socket.write('nonsense\r\n\r\n');
  const said = await answer;
  held.resolve();
  expect(said).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  const body = said.slice(said.indexOf('\r\n\r\n') + 4);
  expect(MEDIA.toString('latin1').startsWith(body)).toBe(true);
  expect(body.length).toBeLessThan(MEDIA.length);
});

test('asked to stop, it finishes what is on its way and takes nothing new', async () => {
  const gateway = await startGateway(crypto);
  const held = Promise.withResolvers<void>();
  crypto.before = (offset) => (offset > 5_000 ? held.promise : undefined);
  const response = await fetch(target(gateway.url));
  const stopped = gateway[Symbol.asyncDispose]();
  await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow();
  held.resolve();
  expect(Buffer.from(await response.arrayBuffer())).toEqual(MEDIA);
  await stopped;
});

describe('HTTPS', () => {
  const ca = createCa('Web CA');
  const folder = tlsFolder(ca, ca.issue('one'));
  afterAll(async () => (await folder)[Symbol.asyncDispose]());
  let gateway: Awaited<ReturnType<typeof startGateway>> | undefined;
  afterEach(() => gateway?.[Symbol.asyncDispose]());

  const commonName = (url: string): Promise<[string | undefined, string | undefined]> =>
    new Promise((resolve, reject) => {
      request(`${url}/healthz`, { ca: ca.cert, agent: false }, (response) => {
        const { subject } = (response.socket as TLSSocket).getPeerCertificate();
        response.resume();
        resolve([subject.CN?.toString(), response.headers['strict-transport-security']]);
      })
        .on('error', reject)
        .end();
    });

  test('asks nobody for a certificate, shows the one that is in its file, and insists on itself', async () => {
    const { settings, identity: put } = await folder;
    gateway = await startGateway(crypto, {
      SEALTRACK_HTTP_CERTIFICATE: settings.certificateFile,
      SEALTRACK_HTTP_CERTIFICATE_KEY: settings.certificateKeyFile,
    });
    const { url } = gateway;
    expect(await commonName(url)).toEqual(['one', 'max-age=31536000']);
    put(ca.issue('two'));
    await vi.waitUntil(async () => (await commonName(url))[0] === 'two', { timeout: 10_000 });
  });

  test('that cannot be set up keeps it from starting', async () => {
    await expect(
      startGateway(crypto, { SEALTRACK_HTTP_CERTIFICATE: '/nowhere', SEALTRACK_HTTP_CERTIFICATE_KEY: '/x' }),
    ).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { SEALTRACK_HTTP_CERTIFICATE: expect.stringContaining('/nowhere') },
    });
    await expect(startGateway(crypto, { SEALTRACK_HTTP_TLS: 'on' })).rejects.toMatchObject({
      fix: expect.stringContaining('SEALTRACK_HTTP_TLS=off'),
    });
  });
});
