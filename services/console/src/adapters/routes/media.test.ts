import type {
  DecryptMediaResponse,
  ExportPkcs7Response,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError } from '@sealtrack/errors/app-error';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ALICE, startConsoleWorld } from '../../testing/console-world.ts';

const world = await startConsoleWorld();
afterAll(() => world[Symbol.asyncDispose]());

const MEDIA = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0xff));
const CHUNK = 20_000;
const PATH = '/recordings/call-1/media/main';

/** Before each chunk, by its offset. */
let before: (offset: number, signal: AbortSignal) => unknown;

async function* chunks(from: number, to: number, signal: AbortSignal) {
  for (let at = from; at < to; at += CHUNK) {
    await before(at, signal);
    const value = Buffer.from(MEDIA.subarray(at, Math.min(at + CHUNK, to)));
    yield { part: { $case: 'chunk' as const, value } };
  }
}

beforeEach(() => {
  world.calls.length = 0;
  world.lines.length = 0;
  before = () => {};
  world.on = {
    async *decryptMedia({ range: wanted, headerOnly }, { signal }): AsyncGenerator<DecryptMediaResponse> {
      const offset = Number(wanted?.offset ?? 0n);
      if (offset >= MEDIA.length)
        throw new AppError('RANGE_NOT_SATISFIABLE', 'It begins behind the end', {
          fix: 'Ask for less.',
          details: { size: String(MEDIA.length) },
        });
      const length = Math.min(Number(wanted?.length || MEDIA.length), MEDIA.length - offset);
      const range = { offset: BigInt(offset), length: BigInt(length) };
      const facts = { contentType: 'audio/wav', checksum: 'gmac0:1', size: BigInt(MEDIA.length), range };
      yield { part: { $case: 'header', value: facts } };
      if (!headerOnly) yield* chunks(offset, offset + length, signal);
    },
    async *exportPkcs7(_, { signal }): AsyncGenerator<ExportPkcs7Response> {
      const value = { size: BigInt(MEDIA.length), manifest: Buffer.from('{}') };
      yield { part: { $case: 'header', value } };
      yield* chunks(0, MEDIA.length, signal);
    },
  };
});

const get = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  world.ask('GET', path, undefined, { headers, ...init });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

test('media as a whole, on behalf of whoever listens', async () => {
  const response = await get(PATH);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    ...{ 'content-type': 'audio/wav', 'content-length': '100000', 'accept-ranges': 'bytes' },
    ...{ 'content-disposition': 'inline; filename="call-1.wav"', 'cache-control': 'no-store' },
    ...{ 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' },
    'content-security-policy': expect.stringContaining('sandbox'),
  });
  expect((await bytesOf(response)).equals(MEDIA)).toBe(true);
  expect(world.calls).toMatchObject([
    {
      caller: ALICE.names,
      request: { tenantId: 'demo', recordingId: 'call-1', mediaId: 'main', purpose: 'console', ticket: '' },
    },
  ]);
});

test.each<[string, number, number]>([
  ['bytes=0-', 0, 100_000],
  ['bytes=10-19', 10, 20],
  ['bytes=-5', 99_995, 100_000],
])('a player seeks with %s', async (range, from, to) => {
  const response = await get(PATH, { range });
  expect([response.status, response.headers.get('content-range')]).toEqual([
    206,
    `bytes ${from}-${to - 1}/100000`,
  ]);
  expect((await bytesOf(response)).equals(MEDIA.subarray(from, to))).toBe(true);
});

test('a range behind the end says where that is', async () => {
  const response = await get(PATH, { range: 'bytes=100000-' });
  expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */100000']);
  expect(await response.json()).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
});

test('HEAD and conditions play nothing', async () => {
  const head = await world.ask('HEAD', PATH);
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '100000', '']);
  const same = await get(PATH, { 'if-none-match': head.headers.get('etag') ?? '' });
  expect([same.status, await same.text()]).toEqual([304, '']);
  expect((await get(PATH, { 'if-match': '"other"' })).status).toBe(412);
  expect(world.calls).toHaveLength(3);
  for (const { request } of world.calls) expect(request).toMatchObject({ headerOnly: true });
  // Of a download nobody asks what there is: it would be on record.
  expect((await world.ask('HEAD', `${PATH}/pkcs7`)).status).toBe(404);
});

test('a waveform, and an envelope as it is', async () => {
  world.on.getWaveform = async () => ({ durationMs: 1_500n, channels: 2, peaks: Buffer.of(1, 2, 3, 255) });
  const channels = [
    [1, 2],
    [3, 255],
  ];
  expect((await world.read('GET', `${PATH}/waveform`)).json).toEqual({ durationMs: 1_500, channels });
  world.on.inspectMedia = async () => ({ document: '{"suite":"cms","recipients":[{}]}' });
  const { json } = await world.read('GET', `${PATH}/envelope`);
  expect(json).toEqual({ suite: 'cms', recipients: [{}] });
  world.on.getWaveform = async () => {
    throw new AppError('WAVEFORM_NOT_FOUND', 'It has none', { fix: 'Play it without.' });
  };
  expect(await world.read('GET', `${PATH}/waveform`)).toMatchObject({
    status: 404,
    json: { code: 'WAVEFORM_NOT_FOUND', fix: 'Play it without.' },
  });
  expect(world.calls[0]).toMatchObject({ caller: ALICE.names, request: { purpose: 'console' } });
});

test('a PKCS#7 file is a download with a name and a size', async () => {
  const response = await get(`${PATH}/pkcs7`);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    ...{ 'content-type': 'application/pkcs7-mime', 'content-length': '100000' },
    ...{ 'content-disposition': 'attachment; filename="call-1-main.p7m"', 'cache-control': 'no-store' },
  });
  expect((await bytesOf(response)).equals(MEDIA)).toBe(true);
  expect(world.calls).toMatchObject([
    { method: 'exportPkcs7', caller: ALICE.names, request: { recordingId: 'call-1', purpose: 'console' } },
  ]);
});

describe.each([
  ['media', PATH],
  ['a PKCS#7 file', `${PATH}/pkcs7`],
])('%s', (_, path) => {
  test('that is refused is a problem, and nothing to be saved', async () => {
    const refuse = () => {
      throw new AppError('KEY_NOT_HELD', 'Nobody has the key', { fix: 'Import it.' });
    };
    Object.assign(world.on, { decryptMedia: refuse, exportPkcs7: refuse });
    const response = await get(path);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.has('content-disposition')).toBe(false);
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { code: 'KEY_NOT_HELD', fix: 'Import it.' },
    ]);
  });

  test('that fails in the middle never looks whole', async () => {
    before = (offset) => {
      if (offset >= 60_000) throw new AppError('DECRYPTION_FAILED', 'Damaged', { fix: 'Restore it.' });
    };
    const response = await get(path);
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    await vi.waitUntil(() => world.lines.some(({ message }) => message === 'media was broken off'));
  });

  test('whose browser goes away ends the call behind it', async () => {
    const ended = Promise.withResolvers<void>();
    before = async (offset, signal) => {
      if (offset < 60_000) return;
      signal.addEventListener('abort', () => ended.resolve());
      await ended.promise;
    };
    const away = new AbortController();
    const response = await get(path, {}, { signal: away.signal });
    expect(response.status).toBe(200);
    away.abort();
    await ended.promise;
  });
});

test('a file that is shorter than was said never looks whole', async () => {
  world.on.exportPkcs7 = async function* () {
    yield { part: { $case: 'header' as const, value: { size: 100n, manifest: Buffer.alloc(0) } } };
    yield { part: { $case: 'chunk' as const, value: Buffer.alloc(99) } };
  };
  await expect(get(`${PATH}/pkcs7`).then((response) => response.arrayBuffer())).rejects.toThrow();
});

test('one person has eight streams at a time, and each gives its place back', async () => {
  const held = Promise.withResolvers<void>();
  before = (offset) => (offset > 0 ? held.promise : undefined);
  const aways = Array.from({ length: 8 }, () => new AbortController());
  const paths = [PATH, `${PATH}/pkcs7`];
  for (const [at, { signal }] of aways.entries()) await get(paths[at % 2] ?? PATH, {}, { signal });
  for (const path of paths) {
    const refused = await get(path);
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'TOO_MANY_CALLS' }]);
  }
  expect((await world.ask('HEAD', PATH)).status).toBe(200);
  aways[0]?.abort();
  await vi.waitUntil(async () => (await get(PATH)).status === 200);
  held.resolve();
});

test.each([
  '/recordings/a%2Fb/media/main',
  '/recordings/call-1/media/..%2F',
  `/recordings/call-1/media/${'x'.repeat(129)}/pkcs7`,
])('%s is refused here already', async (path) => {
  expect(await world.read('GET', path)).toMatchObject({ status: 400, json: { code: 'INVALID_ARGUMENT' } });
  expect(world.calls).toEqual([]);
});
