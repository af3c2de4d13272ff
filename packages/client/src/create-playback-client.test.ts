import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPlaybackClient } from './create-playback-client.ts';
import type { OpenedMedia, PlaybackClient } from './playback-client.ts';
import { type CryptoServer, MEDIA, play, refuse, startCryptoServer } from './testing/crypto-servers.ts';

const servers = [await startCryptoServer(), await startCryptoServer()];
afterAll(() => Promise.all(servers.map((server) => server[Symbol.asyncDispose]())));
const asked = { tenantId: 'demo', recordingId: 'call-1', ticket: 'a ticket', clientAddress: '192.0.2.1' };
let owned: AsyncDisposableStack;
/** The one that is asked first, and the other. Which of them a recording belongs to goes by their addresses. */
let first: CryptoServer;
let second: CryptoServer;

beforeAll(async () => {
  owned = new AsyncDisposableStack();
  await client().describe(asked);
  await owned.disposeAsync();
  const [a, b] = servers as [CryptoServer, CryptoServer];
  [first, second] = a.asked.length === 1 ? [a, b] : [b, a];
});
beforeEach(() => {
  owned = new AsyncDisposableStack();
  for (const server of servers) server.begin();
});
afterEach(() => owned.disposeAsync());

const client = (options: { firstByteMs?: number; retryMs?: number } = {}): PlaybackClient =>
  owned.use(
    createPlaybackClient({
      servers: servers.map(({ address }) => address),
      transport: PLAINTEXT,
      ...options,
    }),
  );
const from = (offset: number, length?: number) => ({ ...asked, range: { offset, length } });

async function drain({ bytes }: OpenedMedia, arrived = () => {}): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) {
    chunks.push(chunk);
    arrived();
  }
  return Buffer.concat(chunks);
}
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );
const counts = () => [first.asked.length, second.asked.length];

test('gives what was asked for, and says what that is', async () => {
  const media = await client().open(from(99_000, 5_000));
  expect(media).toMatchObject({ contentType: 'audio/wav', size: 100_000, checksum: 'c' });
  expect(media.range).toEqual({ offset: 99_000, length: 1_000 });
  expect(await drain(media)).toEqual(MEDIA.subarray(99_000));
  expect(first.asked).toMatchObject([{ ticket: 'a ticket', clientAddress: '192.0.2.1', headerOnly: false }]);
  expect(await codeOf(client().open(from(5, 0)))).toBe('INVALID_ARGUMENT');
});

test('describes without playing, also with a server that plays nevertheless', async () => {
  const one = client();
  expect(await one.describe(asked)).toEqual({ contentType: 'audio/wav', size: 100_000, checksum: 'c' });
  expect(first.asked).toMatchObject([{ headerOnly: true, ticket: 'a ticket' }]);
  const gone = Promise.withResolvers<void>();
  first.decrypt = (request, signal) => {
    signal.addEventListener('abort', () => gone.resolve());
    return play({ before: (at) => (at < 50_000 ? undefined : gone.promise) })(
      { ...request, headerOnly: false },
      signal,
    );
  };
  expect(await one.describe(asked)).toMatchObject({ size: 100_000 });
  await gone.promise;
});

test('that a ticket for one use is used up is not said of its own first try, which failed otherwise', async () => {
  second.decrypt = refuse('TICKET_INVALID', { reason: 'used' });
  expect(await codeOf(client().open(asked))).toBe('nothing failed');
  first.decrypt = refuse('AUDIT_UNAVAILABLE');
  expect(await codeOf(client().open(asked))).toBe('AUDIT_UNAVAILABLE');
  first.decrypt = refuse('TICKET_INVALID', { reason: 'used' });
  expect(await codeOf(client().open(asked))).toBe('TICKET_INVALID');
});

describe('a stream that breaks', () => {
  const breaks: Record<string, (at: number) => void> = {
    'by a kill': (at) => at > 50_000 && first.kill(),
    'by an error that may be of this server alone': (at) => {
      if (at > 50_000) throw new Error('a fault');
    },
    'by a shutdown': (at) => {
      if (at > 50_000) throw new AppError('SHUTTING_DOWN', 'It stops', { fix: 'Ask again.' });
    },
  };
  test.each(Object.keys(breaks))('%s goes on elsewhere: every byte once and in order', async (how) => {
    // What a killed process has on its way is lost, so something has to have arrived before.
    const arrived = Promise.withResolvers<void>();
    first.decrypt = play({
      before: async (at) => {
        if (at > 50_000) await arrived.promise;
        breaks[how]?.(at);
      },
    });
    const media = await client().open(from(7, 90_000));
    expect(await drain(media, arrived.resolve)).toEqual(MEDIA.subarray(7, 90_007));
    const [resumed, ...more] = second.asked;
    expect(more).toEqual([]);
    expect(resumed?.ticket).toBe('a ticket');
    const { offset = 0n, length = 0n } = resumed?.range ?? {};
    expect(offset).toBeGreaterThan(7n);
    expect(offset + length).toBe(90_007n);
  });

  test('goes on with its only server as soon as that is back, also when new calls are not to wait', async () => {
    const arrived = Promise.withResolvers<void>();
    const kill = async (at: number) => {
      if (at < 50_000) return;
      await arrived.promise;
      first.kill();
    };
    first.decrypt = play({ before: kill });
    // Back once it was missed.
    const log = { warn: () => first.begin() };
    const options = { servers: [first.address], transport: PLAINTEXT, retryMs: 0, log } as const;
    const media = await owned.use(createPlaybackClient(options)).open(asked);
    expect(await drain(media, arrived.resolve)).toEqual(MEDIA);
  });

  test('that ends too early as if it were whole goes on, and one that does not end is an error', async () => {
    first.decrypt = async function* (request, signal) {
      let left = 4;
      for await (const message of play()(request, signal)) if (left-- > 0) yield message;
    };
    expect(await drain(await client().open(asked))).toEqual(MEDIA);
    expect(second.asked).toMatchObject([{ range: { offset: 30_000n, length: 70_000n } }]);
    first.decrypt = async function* (request, signal) {
      yield* play()(request, signal);
      yield { part: { $case: 'chunk', value: Buffer.of(1) } };
    };
    const media = await client().open(asked);
    await expect(drain(media)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('more than the 100000 bytes'),
    });
  });

  test.each([
    ['size', { media: MEDIA.subarray(0, 99_999) }],
    ['content type', { contentType: 'video/mp4' }],
    ['checksum', { checksum: 'd' }],
  ])('does not go on with another %s', async (_, other) => {
    first.decrypt = play({ before: async (at) => breaks['by a shutdown']?.(at) });
    second.decrypt = play(other);
    await expect(drain(await client().open(asked))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('by damage is broken for good, and so is one that nobody can go on with', async () => {
    const damaged = () => {
      throw new AppError('DECRYPTION_FAILED', 'It is damaged', { fix: 'Restore it.' });
    };
    first.decrypt = play({ before: (at) => (at === 50_000 ? damaged() : undefined) });
    expect(await codeOf(client().open(asked).then(drain))).toBe('DECRYPTION_FAILED');
    expect(counts()).toEqual([1, 0]);
    first.decrypt = play({ before: async (at) => breaks['by a shutdown']?.(at) });
    second.decrypt = refuse('TICKET_INVALID');
    expect(await codeOf(client().open(asked).then(drain))).toBe('TICKET_INVALID');
  });
});

describe('a call that fails', () => {
  test.each<[ErrorCode, number[]]>([
    ['PERMISSION_DENIED', [1, 0]],
    ['TICKET_INVALID', [1, 0]],
    ['RECORDING_NOT_FOUND', [1, 0]],
    ['DECRYPTION_FAILED', [1, 0]],
    ['RANGE_NOT_SATISFIABLE', [1, 0]],
    ['TOO_MANY_FAILURES', [1, 0]],
    ['KEY_NOT_HELD', [1, 1]],
    ['INTERNAL', [1, 1]],
  ])('with %s is not made again where it would fail again', async (code, expected) => {
    for (const server of servers) server.decrypt = refuse(code);
    expect(await codeOf(client().open(asked))).toBe(code);
    expect(counts()).toEqual(expected);
  });

  test.each<ErrorCode>(['SEALED', 'AUDIT_UNAVAILABLE', 'KEY_NOT_HELD', 'TOO_MANY_CALLS'])(
    'with %s is made with the other server',
    async (code) => {
      first.decrypt = refuse(code);
      expect(await drain(await client().open(asked))).toEqual(MEDIA);
    },
  );

  test('everywhere is made again until one answers, or it has taken too long', async () => {
    for (const server of servers) server.decrypt = refuse('INDEX_UNAVAILABLE');
    // The time may be over while it waits for the last of them.
    const code = await codeOf(client({ firstByteMs: 800 }).open(asked));
    expect(['INDEX_UNAVAILABLE', 'DEADLINE_EXCEEDED']).toContain(code);
    const before = second.asked.length;
    const opening = client().open(asked);
    await vi.waitUntil(() => second.asked.length > before + 2, { timeout: 20_000 });
    second.decrypt = play();
    expect(await drain(await opening)).toEqual(MEDIA);
  });

  test('everywhere is not made again when nobody wants to wait', async () => {
    for (const server of servers) server.kill();
    expect(await codeOf(client({ retryMs: 0 }).open(asked))).toBe('SERVICE_UNAVAILABLE');
  });

  test('for too many calls is made again when the servers say, unless that is too late', async () => {
    for (const server of servers) server.decrypt = refuse('TOO_MANY_CALLS', { retry_after_ms: '60000' });
    await expect(client({ firstByteMs: 4_000 }).open(asked)).rejects.toMatchObject({
      code: 'TOO_MANY_CALLS',
      details: { retry_after_ms: '60000' },
    });
    expect(counts()).toEqual([1, 1]);
    const times: number[] = [];
    for (const server of servers)
      server.decrypt = (request, signal) => {
        times.push(performance.now());
        return (times.length < 3 ? refuse('TOO_MANY_CALLS', { retry_after_ms: '300' }) : play())(
          request,
          signal,
        );
      };
    expect(await drain(await client().open(asked))).toEqual(MEDIA);
    expect(times).toHaveLength(3);
    // Timers may be a millisecond early.
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(295);
  });
});

test('a server that does not answer is left for the other, and is the last to be asked then', async () => {
  const cancelled = Promise.withResolvers<void>();
  first.decrypt = async function* (_, signal) {
    signal.addEventListener('abort', () => cancelled.resolve());
    await cancelled.promise;
  };
  const one = client({ firstByteMs: 2_000 });
  expect(await drain(await one.open(asked))).toEqual(MEDIA);
  await cancelled.promise;
  await drain(await one.open(asked));
  expect(counts()).toEqual([1, 2]);
  // Also in the middle of a stream.
  second.decrypt = play({ before: (at) => (at === 50_000 ? new Promise(() => {}) : undefined) });
  first.decrypt = play();
  expect(await drain(await client({ firstByteMs: 1_500 }).open(asked))).toEqual(MEDIA);
});

describe('whoever reads no more', () => {
  /** The server's source: how far it came, and when its call has ended. */
  function watched() {
    const ended = Promise.withResolvers<void>();
    let reached = 0;
    const note = (at: number) => {
      reached = at;
    };
    const media = Buffer.alloc(400 * 100_000, 1);
    first.decrypt = (request, signal) => {
      signal.addEventListener('abort', () => ended.resolve());
      return play({ media, before: (at) => note(at) })(request, signal);
    };
    return { ended: ended.promise, reached: () => reached };
  }

  test('holds the server back', async () => {
    const source = watched();
    await using media = await client().open(asked);
    for await (const _ of media.bytes) {
      // It has stopped: what lies between is full.
      let before = -1;
      await vi.waitUntil(
        () => {
          const isStill = source.reached() === before;
          before = source.reached();
          return isStill;
        },
        { interval: 100 },
      );
      break;
    }
    expect(source.reached()).toBeLessThan(12_000_000);
    await source.ended;
  });

  test.each<[string, (media: OpenedMedia, abort: () => void) => unknown]>([
    [
      'stops in the middle',
      async ({ bytes }) => {
        for await (const _ of bytes) break;
      },
    ],
    ['reads nothing at all', (media) => media[Symbol.asyncDispose]()],
    ['cancels', (_, abort) => abort()],
  ])('and %s ends the call', async (_, stop) => {
    const source = watched();
    const { signal, abort } = abortable();
    const media = await client().open({ ...asked, signal });
    await stop(media, abort);
    await source.ended;
    expect(second.asked).toEqual([]);
    if (signal.aborted) expect(await codeOf(drain(media))).toBe('CANCELLED');
  });

  test('or cancels before anything came', async () => {
    const { signal, abort } = abortable();
    for (const server of servers) server.decrypt = refuse('SEALED');
    const opening = codeOf(client().open({ ...asked, signal }));
    await vi.waitUntil(() => second.asked.length > 1);
    abort();
    expect(await opening).toMatch(/CANCELLED|SEALED/);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
