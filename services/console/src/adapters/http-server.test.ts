import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAccess } from '@sealtrack/access/create-access';
import { AppError } from '@sealtrack/errors/app-error';
import { createProxies } from '@sealtrack/media-http/proxies';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import type { OpenSession } from '../ports.ts';
import type { Asked, Handlers } from './handler.ts';
import { startConsoleServer } from './http-server.ts';

const folder = await temporaryFolder();
const dir = join(folder.path, 'dist');
await mkdir(join(dir, 'assets'), { recursive: true });
await Promise.all([
  writeFile(join(dir, 'index.html'), '<title>Sealtrack</title>'),
  writeFile(join(dir, 'assets/app-1a2b.js'), 'export {};'),
  writeFile(join(dir, '.env'), 'secret'),
  writeFile(join(folder.path, 'secret'), 'secret'),
]);

const { log, lines } = noteLines();
const down: { service: string; since: Date }[] = [];
const asked: Asked[] = [];
let session: OpenSession | undefined;
let fail: () => unknown = () => ({});
const handlers: Handlers = {
  'POST /session': async (each) => {
    asked.push(each);
    return fail();
  },
  'GET /health': async (each, reply) => {
    asked.push(each);
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {}\n\n');
    each.signal.addEventListener('abort', () => reply.raw.end());
    return reply.hijack();
  },
};
const start = () =>
  startConsoleServer({
    ...{ listen: '127.0.0.1:0', transport: PLAINTEXT, maxConnections: 100, connectionsPerAddress: 100 },
    proxies: createProxies({ proxies: ['127.0.0.1'], header: 'x-forwarded-for' }),
    ...{
      proxyHeader: 'x-forwarded-for',
      origin: 'https://console.example',
      isHttps: true,
      staticDir: dir,
      log,
    },
    access: createAccess({ policy: () => ({ version: 1, grants: [] }), where: 'in a test' }),
    findSession: async () => session,
    health: { down: () => down },
    groups: [handlers],
  });
const server = await start();
afterAll(async () => {
  await server.close();
  await folder.remove();
});
const get = (path: string, init: RequestInit = {}) => fetch(`http://${server.address}${path}`, init);
const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  get('/api/v1/session', { method: 'POST', body, headers });
const problem = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return { status: response.status, ...((await response.json()) as object) };
};

test('pages are files, or the one page for every address within them', async () => {
  for (const path of ['/', '/index.html', '/recordings', '/t/demo/recordings/2026.11-a?x=1', '/sign-in']) {
    const page = await get(path);
    expect([page.status, await page.text()]).toEqual([200, '<title>Sealtrack</title>']);
    expect(page.headers.get('cache-control')).toBe('no-store');
  }
  const asset = await get('/assets/app-1a2b.js');
  expect([asset.headers.get('cache-control'), asset.headers.get('content-type')]).toEqual([
    'public, max-age=31536000, immutable',
    'application/javascript; charset=utf-8',
  ]);
  for (const path of [
    '/assets/nothing.js',
    '/api/v1/nothing',
    '/api',
    '/assets/../../secret',
    '/assets/%2e%2e/%2e%2e/secret',
  ]) {
    const missing = await get(path);
    expect(await missing.text()).not.toContain('secret');
    expect([200, 404]).toContain(missing.status);
  }
  expect((await get('/assets/nothing.js')).status).toBe(404);
  expect(await (await get('/.env')).text()).not.toContain('secret');
  expect((await get('/', { method: 'DELETE' })).status).toBe(404);
  expect(await (await get('/healthz')).text()).toBe('serving\n');
});

test('every response has what keeps others out of it', async () => {
  const responses = await Promise.all(
    ['/', '/assets/app-1a2b.js', '/api/v1/health', '/nothing', '/healthz'].map((path) => get(path)),
  );
  for (const { headers } of responses) {
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('microphone=()');
  }
});

test('what went wrong is said with the next step, what is inside stays in the log, and what was sent in neither', async () => {
  fail = () => {
    throw new AppError('SERVICE_UNAVAILABLE', 'profile-config does not answer', {
      fix: 'Start it.',
      details: { address: 'a:1' },
    });
  };
  down.push({ service: 'profile-config', since: new Date(0) });
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const unavailable = await post('{}', { 'content-type': 'application/json', traceparent });
  expect(unavailable.headers.get('retry-after')).toBe('2');
  expect(await problem(unavailable)).toEqual({
    ...{
      type: 'urn:sealtrack:error:SERVICE_UNAVAILABLE',
      title: 'profile-config does not answer',
      status: 503,
    },
    ...{ code: 'SERVICE_UNAVAILABLE', fix: 'Start it.', details: { address: 'a:1' } },
    down: [{ service: 'profile-config', since: '1970-01-01T00:00:00.000Z' }],
    traceId: 'a'.repeat(32),
  });
  const broken = new TypeError('hunter2 is not a function');
  fail = () => {
    throw broken;
  };
  const inside = await problem(await post('{"password":"hunter3"}'));
  expect(inside).toMatchObject({ status: 500, code: 'INTERNAL' });
  expect(JSON.stringify(inside)).not.toContain('hunter2');
  expect(lines.at(-1)).toMatchObject({
    level: 'warn',
    message: 'http failed',
    fields: { err: broken, route: '/api/v1/session' },
  });
  expect(await problem(await post('{"password":"hunter3"'))).toMatchObject({
    status: 400,
    code: 'INVALID_ARGUMENT',
  });
  expect(await problem(await post('<a/>', { 'content-type': 'text/xml' }))).toMatchObject({ status: 415 });
  expect(await problem(await post(JSON.stringify('x'.repeat(70_000))))).toMatchObject({ status: 413 });
  expect(await problem(await post('{"__proto__":{"a":1}}'))).toMatchObject({ status: 400 });
  expect(await problem(await get('/api/v1/oidc/start?to=hunter3'))).toMatchObject({
    code: 'OBJECT_NOT_FOUND',
  });
  expect(JSON.stringify(lines)).not.toContain('hunter3');
});

test('who asks is who a trusted proxy says, and the trace goes on', async () => {
  fail = () => ({});
  await post('{}', { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.9, 198.51.100.7' });
  expect(asked.at(-1)).toMatchObject({ client: '198.51.100.7', traceparent: expect.stringMatching(/^00-/) });
});

test('what takes long ends with the browser and with the console, and nothing is taken from then on', async () => {
  session = { person: { user: 'a', groups: [], kind: 'local', names: ['user:a'] }, endsAt: new Date() };
  const cookie = `__Host-sealtrack=${'a'.repeat(43)}`;
  const stream = async (address: string) => {
    const browser = new AbortController();
    const response = await fetch(`http://${address}/api/v1/health`, {
      headers: { cookie },
      signal: browser.signal,
    });
    await response.body?.getReader().read();
    const { signal } = asked.at(-1) as Asked;
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    return { browser, signal, ended };
  };
  const left = await stream(server.address);
  expect(left.signal.aborted).toBe(false);
  left.browser.abort();
  await left.ended;
  const other = await start();
  const stopped = await stream(other.address);
  await other.close();
  expect(stopped.signal.aborted).toBe(true);
  await expect(fetch(`http://${other.address}/`)).rejects.toThrow();
});

test('a route has one handler, and what is no route has none', async () => {
  const twice = { groups: [{ 'POST /session': async () => ({}) }, { 'POST /session': async () => ({}) }] };
  const unknown = { groups: [{ 'GET /nowhere': async () => ({}) } as Handlers] };
  for (const wrong of [twice, unknown]) {
    const starting = startConsoleServer({
      ...{ listen: '127.0.0.1:0', transport: PLAINTEXT, maxConnections: 1, connectionsPerAddress: 1 },
      proxies: createProxies({ proxies: [], header: 'forwarded' }),
      ...{ proxyHeader: 'forwarded', origin: undefined, isHttps: false, staticDir: dir, log },
      access: createAccess({ policy: () => ({ version: 1, grants: [] }), where: 'in a test' }),
      ...{ findSession: async () => undefined, health: { down: () => [] } },
      ...wrong,
    });
    await expect(starting).rejects.toThrow(/two handlers|no route/);
  }
});
