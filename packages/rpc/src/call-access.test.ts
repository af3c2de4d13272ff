import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { RefusedCall } from './call-access.ts';
import { connectRpc } from './client.ts';
import { checkHealth } from './health.ts';
import { startRpcServer } from './server.ts';
import { collectingLog, ingest, part, recordings } from './testing.ts';

const GET = '/sealtrack.recordings.v1.RecordingService/GetRecording';
const PUT = '/sealtrack.ingest.v1.IngestService/PutRecording';
const denied = () => new AppError('PERMISSION_DENIED', 'You may not', { fix: 'Ask somebody.' });
const forged = () => new AppError('TICKET_INVALID', 'It is forged', { fix: 'Have another made.' });

const log = collectingLog();
const asked: unknown[] = [];
const refused: RefusedCall[] = [];
const took: unknown[] = [];
let began = 0;
let decide = (): void => {};
let handle = async (): Promise<void> => {};
const server = await startRpcServer({
  ...{ transport: PLAINTEXT, listen: '127.0.0.1:0', log },
  access: {
    authorise: (path, names, request) => {
      asked.push([path, names, request]);
      decide();
    },
    refused: (call) => void refused.push(call),
  },
  services: [
    recordings(async () => {
      began += 1;
      await handle();
      return {};
    }),
    ingest(async (request) => {
      began += 1;
      for await (const message of request) took.push(message.part?.$case);
      return 0;
    }),
  ],
});
const index = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
const uploads = connectRpc(IngestServiceDefinition, server.address, { transport: PLAINTEXT });
afterAll(async () => {
  await Promise.all([index[Symbol.asyncDispose](), uploads[Symbol.asyncDispose]()]);
  await server.close();
});
beforeEach(() => {
  for (const each of [asked, refused, took, log.lines]) each.length = 0;
  began = 0;
  decide = () => {};
  handle = async () => {};
});

const request = { tenantId: 'demo', recordingId: 'r1' };
const header = { tenantId: 'demo', recordingId: 'r1', profileId: '1', mediaId: '', contentType: '' };
async function* upload() {
  const value = { ...header, mediaType: '', startedAt: undefined, attributes: {} };
  yield { part: { $case: 'header' as const, value } };
  yield part(Buffer.of(1));
}

test('a call is decided on by its path, its caller and its request', async () => {
  await index.getRecording(request);
  expect(asked).toEqual([[GET, [], request]]);
});

test('a stream is decided on by its first message, and its handler gets all of them', async () => {
  await uploads.putRecording(upload());
  expect(asked).toEqual([[PUT, [], { part: { $case: 'header', value: expect.objectContaining(header) } }]]);
  expect(took).toEqual(['header', 'chunk']);
  await uploads.putRecording((async function* () {})());
  expect(asked[1]).toEqual([PUT, [], undefined]);
});

test.each([
  ['call', GET, () => index.getRecording(request)],
  ['stream', PUT, () => uploads.putRecording(upload())],
])('a %s that is refused never begins, and is told of and logged as a warning', async (_, path, call) => {
  decide = () => {
    throw denied();
  };
  await expect(call()).rejects.toMatchObject({ code: 'PERMISSION_DENIED', fix: 'Ask somebody.' });
  expect(began).toBe(0);
  expect(refused).toMatchObject([{ path, names: [], error: { code: 'PERMISSION_DENIED' } }]);
  expect(refused[0]?.request).toBe((asked[0] as unknown[])[2]);
  expect(log.lines).toMatchObject([{ level: 'warn', fields: { method: path, status: 'PERMISSION_DENIED' } }]);
});

test('a stream that does not begin has no handler that waits for it', async () => {
  const ended = new AbortController();
  async function* silent() {
    await new Promise(() => {});
    yield part();
  }
  const call = uploads.putRecording(silent(), { signal: ended.signal });
  // Later than the stream, on the same connection.
  await uploads.putRecording(upload());
  expect(began).toBe(1);
  ended.abort();
  await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
});

test.each([
  ['a refusal', denied, 1],
  ['a ticket', forged, 1],
  ['anything else', () => new AppError('INDEX_UNAVAILABLE', 'Away', { fix: 'Wait.' }), 0],
])('what its handler refuses is told of as well: %s', async (_, error, times) => {
  handle = async () => {
    throw error();
  };
  await expect(index.getRecording(request)).rejects.toMatchObject({ code: error().code });
  expect(refused.map((call) => [call.request, call.error.code])).toEqual(
    times === 0 ? [] : [[request, error().code]],
  );
});

test('health is for everybody', async () => {
  decide = () => {
    throw denied();
  };
  expect(await checkHealth(server.address, { transport: PLAINTEXT })).toBe('SERVING');
  expect(asked).toEqual([]);
});
