/** Nobody is waited for without end: neither for what he sends, nor until he takes what he is sent. Time is the test's own. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { toAppError } from '@sealtrack/errors/app-error';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import type { Patience } from './patience.ts';
import { type RpcService, startRpcServer } from './server.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, decryption, gate, ingest, part, range, recordings } from './testing.ts';
import { RESPONSES_AHEAD } from './tuning.ts';

const transport = PLAINTEXT;
const never = new Promise<never>(() => {});

type Wanted = Exclude<keyof Patience, 'wait'>;
const MS = { requestMs: 1, nextMs: 2, unaryMs: 3, takeMs: 4, lastMs: 5 } as const;

/** What is waited for, and how time passes. */
function clock() {
  const waiting = new Set<{ readonly ms: number; readonly onLate: () => void }>();
  let begun = 0;
  const wait = () => {
    let mine: { readonly ms: number; readonly onLate: () => void } | undefined;
    const end = () => {
      if (mine !== undefined) waiting.delete(mine);
    };
    return {
      begin(ms: number, onLate: () => void) {
        end();
        mine = { ms, onLate };
        waiting.add(mine);
        begun += 1;
      },
      end,
    };
  };
  const isWaiting = (what: Wanted) => [...waiting].some(({ ms }) => ms === MS[what]);
  return {
    patience: { ...MS, wait },
    begun: () => begun,
    /** When that is what somebody is waited for, it takes too long. */
    async late(what: Wanted) {
      await expect.poll(() => isWaiting(what)).toBe(true);
      for (const each of [...waiting]) {
        if (each.ms !== MS[what]) continue;
        waiting.delete(each);
        each.onLate();
      }
    },
    nobody: () => expect.poll(() => waiting.size).toBe(0),
  };
}

async function serve(...services: RpcService[]) {
  const { patience, ...time } = clock();
  let underWay = 0;
  const server = await startRpcServer({
    ...{ access: OPEN_TO_ALL, transport, listen: '127.0.0.1:0', log: collectingLog(), services, patience },
    limits: { perSecond: 1_000, burst: 1_000, atOnce: 1, allAtOnce: 10 },
    observe: () => ({
      ended() {},
      refused() {},
      underWay(calls) {
        underWay = calls;
      },
    }),
    graceMs: 0,
  });
  return { server, ...time, underWay: () => underWay };
}

/** What goes wrong with what somebody asks for, in as many calls as it takes until he may have one. */
const outcome = (call: () => Promise<unknown>) => () =>
  call().then(
    () => 'OK',
    (error) => toAppError(error).code,
  );

/** Media without an end, and what its handler is told. */
function endless() {
  let given = 0;
  const told = Promise.withResolvers<unknown>();
  const service = decryption(async function* (_request, { signal }) {
    signal.addEventListener('abort', () => told.resolve(signal.reason));
    for (;;) {
      given += 1;
      yield part();
    }
  });
  /** Until no more is asked for. */
  const rests = async () => {
    let before = -1;
    await expect
      .poll(
        () => {
          const same = before === given;
          before = given;
          return same;
        },
        { interval: 50 },
      )
      .toBe(true);
  };
  return { service, told: told.promise, rests };
}

test('a stream that its client does not read is ended, and says so behind what was sent already', async () => {
  const { service, told, rests } = endless();
  const { server, begun, late, nobody } = await serve(service);
  await using _server = server;
  await using client = connectRpc(DecryptionServiceDefinition, server.address, { transport });
  const stream = client.decryptMedia(range(0n))[Symbol.asyncIterator]();
  await stream.next();
  await rests();
  const before = begun();
  // Whoever takes something, however seldom, is waited for anew.
  for (let i = 0; i < 8; i += 1) await stream.next();
  await expect.poll(begun).toBeGreaterThan(before);
  await rests();
  await late('takeMs');
  expect(await told).toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    message: expect.stringContaining('took nothing'),
  });
  const rest = async () => {
    while (!(await stream.next()).done);
  };
  await expect(rest()).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    message: expect.stringContaining('took nothing'),
  });
  await nobody();
});

/** As no client of ours would: calls without a deadline, and streams that nobody reads. */
function callWith(session: ClientHttp2Session, path: string, message: Buffer | undefined) {
  const stream = session.request({
    ':method': 'POST',
    ':path': `/sealtrack.${path}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  if (message !== undefined) stream.end(message);
  return stream;
}

const EMPTY = Buffer.alloc(5);

test.each<[string, () => RpcService, readonly Wanted[]]>([
  ['that goes on', () => endless().service, ['takeMs', 'lastMs']],
  [
    'whose handler has given all',
    () =>
      decryption(async function* () {
        for (let i = 1; i < RESPONSES_AHEAD; i += 1) yield part();
      }),
    ['takeMs'],
  ],
])('a stream %s is reset when its client takes not even its end', async (_, make, waits) => {
  const { server, late, nobody, underWay } = await serve(make());
  await using _server = server;
  const session = connectHttp2(`http://${server.address}`).on('error', () => {});
  const stream = callWith(session, 'decryption.v1.DecryptionService/DecryptMedia', EMPTY);
  await once(stream, 'response');
  await using client = connectRpc(DecryptionServiceDefinition, server.address, { transport });
  const next = outcome(async () => {
    for await (const _ of client.decryptMedia(range(0n))) break;
  });
  for (const what of waits) {
    // Until then it has its place.
    if (what === waits.at(-1)) {
      await expect.poll(underWay).toBe(0);
      expect(await next()).toBe('TOO_MANY_CALLS');
    }
    await late(what);
  }
  await once(stream, 'close');
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  await expect.poll(next).toBe('OK');
  session.destroy();
  await nobody();
});

test('an upload that stops is ended, and its handler never takes it for whole', async () => {
  const ended = Promise.withResolvers<unknown>();
  const begun = gate();
  const { server, late, nobody } = await serve(
    ingest(async (parts) => {
      try {
        for await (const _ of parts) begun.resolve();
        ended.resolve('whole');
        return 0;
      } catch (error) {
        ended.resolve(error);
        throw error;
      }
    }),
  );
  await using _server = server;
  await using client = connectRpc(IngestServiceDefinition, server.address, { transport });
  async function* source() {
    yield part();
    await never;
  }
  const failed = expect(client.putRecording(source())).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    message: expect.stringContaining('arrived'),
  });
  await begun.promise;
  await late('nextMs');
  await failed;
  expect(await ended.promise).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await nobody();
});

test.each<[string, Wanted, Buffer | undefined, number]>([
  ['sends no request', 'requestMs', undefined, 0],
  ['gives no deadline', 'unaryMs', EMPTY, 1],
])('a unary call whose client %s is answered all the same', async (_, what, message, expected) => {
  const reasons: unknown[] = [];
  let calls = 0;
  const { server, late, nobody, underWay } = await serve(
    recordings(async (_request, { signal, deadline }) => {
      calls += 1;
      expect(deadline).toBeInstanceOf(Date);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      reasons.push(signal.reason);
      throw signal.reason;
    }),
  );
  await using _server = server;
  const session = connectHttp2(`http://${server.address}`).on('error', () => {});
  const stream = callWith(session, 'recordings.v1.RecordingService/GetRecording', message);
  const answer = once(stream.resume(), 'response');
  if (expected > 0) await expect.poll(underWay).toBe(expected);
  await late(what);
  expect((await answer)[0]).toMatchObject({ 'grpc-status': '4' });
  await expect.poll(() => [calls, underWay(), reasons.length]).toEqual([expected, 0, expected]);
  // The place is free, also of who does not go.
  if (what === 'requestMs') await late('lastMs');
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport, deadlineMs: 50 });
  await expect
    .poll(outcome(() => client.getRecording({ tenantId: 'demo', recordingId: 'r1' })))
    .toBe('DEADLINE_EXCEEDED');
  session.destroy();
  await nobody();
});
