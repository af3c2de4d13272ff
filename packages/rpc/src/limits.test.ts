/** Far more calls than a server takes: who is let in is served as ever, and who is not is told so at once. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { AppError } from '@sealtrack/errors/app-error';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import type { Tls } from '@sealtrack/tls/tls';
import { RetryInfo, type RichClientError } from 'nice-grpc-error-details';
import { beforeAll, expect, test } from 'vitest';
import type { CallLimits, RefusalReason } from './call-limits.ts';
import { connectRpc } from './client.ts';
import { checkHealth } from './health.ts';
import { startRpcServer } from './server.ts';
import { testCa } from './testing/certificates.ts';
import { collectingLog, decryption, gate, part, range, recordings } from './testing.ts';

const PLENTY: CallLimits = {
  perSecond: 1_000_000,
  burst: 1_000_000,
  atOnce: 1_000_000,
  allAtOnce: 1_000_000,
};
const request = { tenantId: 'demo', recordingId: 'r1' };
let own: Tls;
let flooder: Tls;
let other: Tls;

beforeAll(async () => {
  const folder = await temporaryFolder();
  const ca = await testCa(folder.path);
  own = await openTls(await ca.issueTo('crypto-server'), collectingLog());
  flooder = await openTls(await ca.issueTo('flooder'), collectingLog());
  other = await openTls(await ca.issueTo('player'), collectingLog());
  return async () => {
    for (const tls of [own, flooder, other]) tls[Symbol.dispose]();
    await folder.remove();
  };
});

/** A server whose calls stay in their handlers until `opened`, with what is seen of it. */
async function serve(limits: Partial<CallLimits>) {
  const log = collectingLog();
  const opened = gate();
  const authorised: string[] = [];
  const refused = new Map<RefusalReason, number>();
  const ended = new Map<string, number>();
  let underWay = 0;
  const count = <Key>(counts: Map<Key, number>, key: Key) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const server = await startRpcServer({
    access: { authorise: (path) => void authorised.push(path), authoriseActingFor: () => {} },
    transport: own,
    listen: '127.0.0.1:0',
    log,
    limits: { ...PLENTY, ...limits },
    observe: () => ({
      ended: (path, status) => count(ended, `${path.split('/').at(-1)} ${status}`),
      refused: (reason) => count(refused, reason),
      underWay: (calls) => {
        underWay = calls;
      },
    }),
    services: [
      recordings(async () => {
        await opened.promise;
        return {};
      }),
      decryption(async function* () {
        yield part();
        await opened.promise;
        yield part();
      }),
    ],
  });
  return { server, log, opened, authorised, refused, ended, underWay: () => underWay };
}

test('one person has a part of what a console has, and leaves the others theirs', async () => {
  const { server, opened, refused, authorised, log } = await serve({ atOnce: 8 });
  await using _server = server;
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: flooder });
  const by = (user: string) =>
    client.getRecording(request, { onBehalfOf: [`user:${user}`], deadlineMs: 60_000 }).then(
      () => 'OK',
      (error: AppError) => `${error.code} ${error.details.reason}`,
    );
  const first = [by('alice'), by('alice')];
  await expect.poll(() => authorised.length).toBe(2);
  expect(await by('alice')).toBe('TOO_MANY_CALLS caller-calls');
  const others = [by('bob'), by('carol')];
  await expect.poll(() => authorised.length).toBe(4);
  opened.resolve();
  expect(await Promise.all([...first, ...others])).toEqual(Array(4).fill('OK'));
  expect(await by('alice')).toBe('OK');
  expect([...refused]).toEqual([['caller-calls', 1]]);
  expect(log.lines).toContainEqual(
    expect.objectContaining({ fields: { caller: 'user:alice', reason: 'caller-calls' } }),
  );
});

const MANY = 700;

test('of hundreds of calls at once as many are served as may be, the others are told when to come again before any is done', async () => {
  const { server, log, opened, authorised, refused, ended, underWay } = await serve({ atOnce: 20 });
  await using _server = server;
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: flooder });
  const errors: AppError[] = [];
  let served = 0;
  const calls = Array.from({ length: MANY }, () =>
    client.getRecording(request, { deadlineMs: 60_000 }).then(
      () => (served += 1),
      (error: AppError) => errors.push(error),
    ),
  );
  // None of those that are let in has come to its end: nobody waited for them.
  await expect.poll(() => errors.length, { timeout: 30_000 }).toBe(MANY - 20);
  expect([served, authorised.length, underWay()]).toEqual([0, 20, 20]);

  await using player = connectRpc(RecordingServiceDefinition, server.address, { transport: other });
  const another = player.getRecording(request);
  expect(await checkHealth(server.address, { transport: flooder })).toBe('SERVING');
  opened.resolve();
  await Promise.all([...calls, another]);
  expect(served).toBe(20);
  await client.getRecording(request);

  for (const error of errors) {
    const { code, grpcStatus, details, cause } = error;
    expect([code, grpcStatus, details.reason]).toEqual([
      'TOO_MANY_CALLS',
      'RESOURCE_EXHAUSTED',
      'caller-calls',
    ]);
    const ms = Number(details.retry_after_ms);
    expect(ms).toBeGreaterThanOrEqual(500);
    expect(ms).toBeLessThanOrEqual(5_000);
    const delay = (cause as RichClientError).extra.find(
      ({ $type }) => $type === RetryInfo.$type,
    ) as RetryInfo;
    expect(delay.retryDelay).toMatchObject({ seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 });
  }
  expect(new Set(errors.map(({ details }) => details.retry_after_ms)).size).toBeGreaterThan(5);
  expect(refused).toEqual(new Map([['caller-calls', MANY - 20]]));
  expect(ended).toEqual(new Map([['GetRecording OK', 22]]));
  expect(underWay()).toBe(0);
  // A flood of calls is no flood of lines.
  await server.close();
  const lines = log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
  expect(lines.length).toBeLessThan(10);
  for (const line of lines) expect(line).toMatchObject({ caller: 'flooder', reason: 'caller-calls' });
  expect(lines.reduce((all, { count = 1 }) => all + Number(count), 0)).toBe(MANY - 20);
});

test('a stream has its place until it has ended, or its client has gone', async () => {
  const { server, opened } = await serve({ allAtOnce: 2 });
  await using _server = server;
  await using client = connectRpc(DecryptionServiceDefinition, server.address, { transport: flooder });
  const controller = new AbortController();
  const listen = async (signal?: AbortSignal) => {
    const stream = client
      .decryptMedia(range(0n), signal === undefined ? {} : { signal })
      [Symbol.asyncIterator]();
    await stream.next();
    return stream;
  };
  // The last place of two is kept for somebody else.
  await listen(controller.signal);
  const refusal = { code: 'TOO_MANY_CALLS', details: { reason: 'all-calls' } };
  await expect(listen()).rejects.toMatchObject(refusal);
  await using player = connectRpc(RecordingServiceDefinition, server.address, { transport: other });
  const another = player.getRecording(request);
  const outcome = () => listen().then(String, ({ code }: AppError) => code);
  controller.abort();
  // Its client is gone, and its handler works on.
  await expect.poll(outcome).toBe('TOO_MANY_CALLS');
  opened.resolve();
  await another;
  await expect.poll(outcome).not.toBe('TOO_MANY_CALLS');
});

test('half a request holds no more memory than it may, whoever sends how many of them', {
  timeout: 20_000,
}, async () => {
  const { server, authorised } = await serve({});
  await using _server = server;
  const session = connectHttp2(`https://${server.address}`, {
    ...flooder.client('127.0.0.1'),
    maxSessionMemory: 1_000,
  });
  await once(session, 'remoteSettings');
  const statuses: string[] = [];
  const announced = Buffer.alloc(5);
  announced.writeUInt32BE(4 * 1024 * 1024 - 100, 1);
  for (let i = 0; i < 12; i += 1) {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/sealtrack.recordings.v1.RecordingService/GetRecording',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('response', (headers) => statuses.push(String(headers['grpc-message']))).on('error', () => {});
    stream.resume();
    stream.write(announced);
    // All but its end.
    stream.write(Buffer.alloc(4 * 1024 * 1024 - 1_000));
  }
  // Of 48 MiB half of 64 stay.
  await expect.poll(() => statuses.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(4);
  expect(statuses.every((text) => decodeURI(text).includes('[TOO_MANY_CALLS]'))).toBe(true);
  expect(authorised).toEqual([]);
  await using player = connectRpc(RecordingServiceDefinition, server.address, { transport: other });
  expect(await checkHealth(server.address, { transport: other })).toBe('SERVING');
  const alive = player.getRecording(request, { deadlineMs: 100 });
  await expect(alive).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  session.destroy();
});

test('headers over 16 KiB are refused, once the connection knows', async () => {
  const { server, authorised, opened } = await serve({});
  opened.resolve();
  await using _server = server;
  const session = connectHttp2(`https://${server.address}`, flooder.client('127.0.0.1'));
  const call = async (text: string) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/sealtrack.recordings.v1.RecordingService/GetRecording',
      'content-type': 'application/grpc',
      te: 'trailers',
      text,
    });
    const outcome = once(stream, 'response').then(
      ([headers]) => headers[':status'],
      (error: Error) => error.message,
    );
    stream.resume().end(Buffer.alloc(5));
    return await outcome;
  };
  await call('');
  await expect.poll(() => session.remoteSettings.maxHeaderListSize).toBe(16 * 1024);
  expect(await call('a'.repeat(8_000))).toBe(200);
  expect(await call('a'.repeat(17_000))).toContain('NGHTTP2_ENHANCE_YOUR_CALM');
  expect(authorised).toHaveLength(2);
  session.destroy();
});
