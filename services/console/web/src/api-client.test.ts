import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addressOf, ask, rememberCsrfToken } from './api-client.ts';
import { watchAttention } from './attention.ts';
import { codeOf, isTransient, isUnreachable, ProblemError } from './problem-error.ts';

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
}

const PROBLEM = {
  type: 'urn:sealtrack:error:CERTIFICATE_IN_USE',
  title: '2 recordings are encrypted to it',
  code: 'CERTIFICATE_IN_USE',
  fix: 'Keep it.',
  details: { recordings: '2' },
  traceId: 'abc',
};
let answer: Answer;
let asked: { method: string; url: string; csrf: unknown; type: unknown; background: unknown; body: string };
const server = createServer(async (request, response) => {
  const { method = '', url = '', headers } = request;
  const body = Buffer.concat(await Array.fromAsync<Buffer>(request)).toString();
  asked = {
    method,
    url,
    csrf: headers['x-csrf-token'],
    type: headers['content-type'],
    background: headers['x-background'],
    body,
  };
  response.writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' });
  response.end(answer.body);
});

// A browser knows where it is.
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init));
});
afterAll(() => {
  vi.unstubAllGlobals();
  server.close();
});

const failure = async (told: Answer): Promise<ProblemError> => {
  answer = told;
  const error: unknown = await ask('GET /health', {}).catch((reason: unknown) => reason);
  if (error instanceof ProblemError) return error;
  throw new Error('It did not fail', { cause: error });
};

test('what stands in a path is encoded, and a query has no empty values', () => {
  const route = 'GET /tenants/:tenant/certificates/:certificate';
  expect(addressOf(route, { tenant: 'a/b', certificate: '?' }, { force: '1', page: '' })).toBe(
    '/api/v1/tenants/a%2Fb/certificates/%3F?force=1',
  );
});

test('a change is sent as JSON, with what the session has given for it', async () => {
  rememberCsrfToken('secret');
  answer = { status: 200, body: '{"name":"bob"}' };
  const account = await ask('PATCH /accounts/:name', { name: 'bob' }, { body: { disabled: true } });
  expect(account).toEqual({ name: 'bob' });
  expect(asked).toEqual({
    ...{ method: 'PATCH', url: '/api/v1/accounts/bob', csrf: 'secret', type: 'application/json' },
    background: undefined,
    body: '{"disabled":true}',
  });
});

test('what a page asks by itself, with nobody in front of it, says so; a change never does', async () => {
  const background = () => asked.background;
  answer = { status: 200, body: '{}' };
  await ask('GET /health', {});
  expect(background()).toBeUndefined();
  vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] });
  try {
    await ask('GET /health', {});
    expect(background()).toBe('1');
    await ask('DELETE /session', {});
    expect(background()).toBeUndefined();
    const page = new EventTarget();
    watchAttention(page);
    page.dispatchEvent(new Event('keydown'));
    await ask('GET /health', {});
    expect(background()).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test('nothing is answered by nothing', async () => {
  answer = { status: 200, body: '' };
  expect(await ask('DELETE /session', {})).toBeUndefined();
});

test('a problem is told as it is', async () => {
  const body = JSON.stringify({ ...PROBLEM, status: 409 });
  const error = await failure({ status: 409, type: 'application/problem+json', body });
  expect(error.problem).toEqual({ ...PROBLEM, status: 409 });
  expect(error.message).toBe(PROBLEM.title);
});

test.each([
  [502, 'SERVICE_UNAVAILABLE', true],
  [504, 'SERVICE_UNAVAILABLE', true],
  [500, 'INTERNAL', false],
  [413, 'INTERNAL', false],
])(
  '%d of something in between is no problem of ours, and has a next step too',
  async (status, code, again) => {
    const error = await failure({ status, type: 'text/html', body: '<h1>Oops</h1>' });
    expect(error.problem).toMatchObject({ status, code, fix: expect.stringContaining('between') });
    expect(isTransient(error)).toBe(again);
  },
);

test('a console that is not there is worth another try', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  const error: unknown = await ask('GET /health', {}).catch((reason: unknown) => reason);
  expect([isUnreachable(error), isTransient(error), codeOf(error)]).toEqual([
    true,
    true,
    'SERVICE_UNAVAILABLE',
  ]);
});
