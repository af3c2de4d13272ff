import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { MEDIA, startGateway, startStubCrypto, ticketFor } from './testing/gateway.ts';

const crypto = await startStubCrypto();
const gateway = await startGateway(crypto, { SEALTRACK_ALLOWED_ORIGINS: 'https://player.example' });
afterAll(async () => {
  // Whatever was asked above, and however it ended.
  const said = JSON.stringify(gateway.lines);
  expect(said).toContain('call-1');
  for (const part of TICKET.split('.').slice(0, 2)) expect(said).not.toContain(part);
  await gateway[Symbol.asyncDispose]();
  await crypto[Symbol.asyncDispose]();
});
beforeEach(() => {
  crypto.asked.length = 0;
  Object.assign(crypto, { contentType: 'audio/wav', checksum: 'gmac0:1', before: () => {} });
});

const TICKET = ticketFor();
const PATH = '/v1/recordings/call-1/media/main';
const at = (path: string, ticket = TICKET) => `${gateway.url}${path}?ticket=${ticket}`;
const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(at(PATH), { method, headers });
const tagOf = async () => (await get({}, 'HEAD')).headers.get('etag') ?? '';
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

test('a recording, as a whole', async () => {
  const response = await get();
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'audio/wav',
    'content-length': '10000',
    'accept-ranges': 'bytes',
    'content-disposition': 'inline; filename="call-1.wav"',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringContaining('sandbox'),
    etag: expect.stringMatching(/^"[\w-]{27}"$/),
  });
  expect(response.headers.has('strict-transport-security')).toBe(false);
  expect(await bytesOf(response)).toEqual(MEDIA);
  expect(crypto.asked).toMatchObject([
    {
      ...{ tenantId: 'acme', recordingId: 'call-1', mediaId: 'main', ticket: TICKET },
      ...{ clientAddress: '127.0.0.1', purpose: 'playback', headerOnly: false },
    },
  ]);
});

describe('ranges', () => {
  test.each<[string, number, number, number]>([
    ['bytes=0-', 0, 10_000, 1],
    ['bytes=0-0', 0, 1, 1],
    ['bytes=9000-', 9_000, 10_000, 1],
    ['bytes=9990-99999999999999999999', 9_990, 10_000, 1],
    // The last ones take a look at the size first.
    ['bytes=-10', 9_990, 10_000, 2],
    ['bytes=-99999', 0, 10_000, 2],
  ])('%s', async (range, from, to, calls) => {
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/10000`);
    expect(response.headers.get('content-length')).toBe(String(to - from));
    expect(await bytesOf(response)).toEqual(MEDIA.subarray(from, to));
    expect(crypto.asked).toHaveLength(calls);
  });

  test.each(['bytes=10000-', 'bytes=99999999999999999999-', 'bytes=-0'])('%s is none', async (range) => {
    const response = await get({ range });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */10000');
    expect(await response.json()).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE', fix: expect.any(String) });
  });

  test.each(['bytes=0-1,5-6', 'bytes=5-1', 'lines=0-1'])('%s is everything', async (range) => {
    const response = await get({ range });
    expect([response.status, (await bytesOf(response)).length]).toEqual([200, 10_000]);
  });

  test('of what it was, as long as it is that', async () => {
    const tag = await tagOf();
    const range = 'bytes=0-9';
    expect((await get({ range, 'if-range': tag })).status).toBe(206);
    expect((await get({ range, 'if-range': '"other"' })).status).toBe(200);
    crypto.checksum = 'gmac0:2';
    expect((await get({ range, 'if-range': tag })).status).toBe(200);
    crypto.checksum = '';
    expect((await get({ range, 'if-range': tag })).status).toBe(200);
  });
});

test('HEAD says all that GET does, and plays nothing, whatever range is asked for', async () => {
  const head = await get({ range: 'bytes=0-1' }, 'HEAD');
  expect(crypto.asked).toMatchObject([{ headerOnly: true }]);
  const whole = await get();
  await whole.arrayBuffer();
  const withoutDate = ({ headers }: Response) =>
    Object.fromEntries([...headers].filter(([name]) => !/^(date|connection|keep-alive)$/.test(name)));
  expect([head.status, withoutDate(head)]).toEqual([200, withoutDate(whole)]);
  const missing = await fetch(at('/v1/recordings/nothing/media/main'), { method: 'HEAD' });
  expect([missing.status, await missing.text()]).toEqual([404, '']);
});

test('conditions are judged without playing', async () => {
  const tag = await tagOf();
  crypto.asked.length = 0;
  const same = await get({ 'if-none-match': tag });
  expect([same.status, same.headers.get('etag'), await same.text()]).toEqual([304, tag, '']);
  expect((await get({ 'if-match': '"other"' })).status).toBe(412);
  expect(crypto.asked.map(({ headerOnly }) => headerOnly)).toEqual([true, true]);
  expect((await get({ 'if-match': tag })).status).toBe(200);
});

test('an export is one download, as a whole', async () => {
  const ticket = ticketFor({ act: 'export' });
  const response = await fetch(at(PATH, ticket), { headers: { range: 'bytes=0-9' } });
  expect([response.status, (await bytesOf(response)).length]).toEqual([200, 10_000]);
  expect(response.headers.get('accept-ranges')).toBe('none');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="call-1.wav"');
});

test('what a browser would run is given out as bytes to be saved', async () => {
  crypto.contentType = 'text/html';
  const response = await fetch(at('/v1/recordings/call-1/media/page'));
  expect(response.headers.get('content-type')).toBe('application/octet-stream');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="call-1.page.bin"');
  await response.arrayBuffer();
});

describe('what is refused', () => {
  const bearer = (ticket: string) => ({ authorization: `Bearer ${ticket}` });
  test.each<[string, number, string, string, RequestInit]>([
    ['no ticket', 401, 'TICKET_INVALID', PATH, {}],
    ['an empty one', 401, 'TICKET_INVALID', `${PATH}?ticket=`, {}],
    ['something else', 401, 'TICKET_INVALID', `${PATH}?ticket=abc`, {}],
    ['one that has expired', 401, 'TICKET_INVALID', PATH, { headers: bearer(ticketFor({}, 'expired')) }],
    ['two', 400, 'INVALID_ARGUMENT', `${PATH}?ticket=${TICKET}`, { headers: bearer(TICKET) }],
    ['two at once', 400, 'INVALID_ARGUMENT', `${PATH}?ticket=a&ticket=b`, {}],
    ['somebody who may not', 403, 'PERMISSION_DENIED', PATH, { headers: bearer(ticketFor({}, 'denied')) }],
    [
      'what is not there',
      404,
      'RECORDING_NOT_FOUND',
      PATH.replace('call-1', 'nothing'),
      { headers: bearer(TICKET) },
    ],
    ['ids that are none', 400, 'INVALID_ARGUMENT', '/v1/recordings/a%2Fb/media/main', {}],
    ['another path', 404, 'OBJECT_NOT_FOUND', '/v1/recordings', {}],
    ['a path that is none', 404, 'OBJECT_NOT_FOUND', '//..//%00', {}],
    ['POST', 405, 'INVALID_ARGUMENT', `${PATH}?ticket=${TICKET}`, { method: 'POST', body: 'x' }],
    ['DELETE', 405, 'INVALID_ARGUMENT', `${PATH}?ticket=${TICKET}`, { method: 'DELETE' }],
  ])('%s: %i %s', async (_, status, code, path, init) => {
    const response = await fetch(`${gateway.url}${path}`, init);
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({
      ...{ type: `urn:sealtrack:error:${code}`, status, code },
      ...{
        title: expect.any(String),
        fix: expect.any(String),
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.has('www-authenticate')).toBe(status === 401);
    if (status === 405) expect(response.headers.get('allow')).toBe('GET, HEAD');
    if (code === 'OBJECT_NOT_FOUND') expect(text).toContain('Recordings are at /v1/recordings/');
    expect(text).not.toContain(TICKET);
  });

  test('a ticket in the header is as good as one in the address', async () => {
    const response = await fetch(`${gateway.url}${PATH}`, { headers: bearer(TICKET) });
    expect((await bytesOf(response)).length).toBe(10_000);
  });
});

test('scripts of the pages that are allowed may read, and no others', async () => {
  const asking = (origin: string) =>
    fetch(at(PATH), {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' },
    });
  const allowed = await asking('https://player.example');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-headers')).toContain('Range');
  expect((await asking('https://evil.example')).status).toBe(405);
  for (const [origin, answer] of [
    ['https://player.example', 'https://player.example'],
    ['https://player.example.evil.example', null],
    ['null', null],
  ] as const) {
    const response = await get({ origin });
    await response.arrayBuffer();
    expect(response.headers.get('access-control-allow-origin')).toBe(answer);
    expect(response.headers.get('vary')).toBe('Origin');
    const failed = await fetch(`${gateway.url}${PATH}`, { headers: { origin } });
    expect(failed.headers.get('access-control-allow-origin')).toBe(answer);
  }
});

test('what breaks in the middle never looks whole', async () => {
  crypto.before = (offset) => {
    if (offset >= 5_000) throw new Error('a fault');
  };
  const response = await get();
  expect(response.status).toBe(200);
  await expect(response.arrayBuffer()).rejects.toThrow();
  await vi.waitUntil(() => gateway.lines.some(({ message }) => message === 'http failed'));
});

test('a client that goes away ends the call behind it', async () => {
  const ended = Promise.withResolvers<void>();
  crypto.before = async (offset, signal) => {
    if (offset < 5_000) return;
    signal.addEventListener('abort', () => ended.resolve());
    await ended.promise;
  };
  const away = new AbortController();
  const response = await fetch(at(PATH), { signal: away.signal });
  expect(response.status).toBe(200);
  away.abort();
  await ended.promise;
});

test('it says that it serves', async () => {
  const response = await fetch(`${gateway.url}/healthz`);
  expect([response.status, await response.text()]).toEqual([200, 'serving\n']);
});
