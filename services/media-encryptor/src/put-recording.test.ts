import {
  IngestServiceDefinition,
  type PutRecordingRequest,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { connectRpc } from '@sealtrack/rpc/client';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { EncryptRecording } from './encrypt-recording.ts';
import { createPutRecording } from './put-recording.ts';

/** Takes the media as encryption does, and notes those that came to their end. */
const complete: Buffer[] = [];
let begun = 0;
let settled = 0;
const clock = () => new Date();
const encrypt: EncryptRecording = async (header, openMedia) => {
  begun++;
  try {
    const chunks = await Array.fromAsync((await openMedia()).content);
    complete.push(Buffer.concat(chunks));
    const { tenantId, recordingId, profileId } = header;
    const manifest = { tenantId, recordingId, profileId, encryptedAt: new Date().toISOString(), media: [] };
    return { manifest: manifest as never, duplicate: false };
  } finally {
    settled++;
  }
};
const log = { debug() {}, info() {}, warn() {}, error() {} };
const putRecording = createPutRecording(encrypt, { maxUploads: 100, idleMs: 60_000 }, clock);
const server = await startRpcServer({
  access: OPEN_TO_ALL,
  transport: PLAINTEXT,
  listen: '127.0.0.1:0',
  services: [
    implement(IngestServiceDefinition, {
      putRecording: (requests, { signal }) => putRecording(requests, { signal, traceparent: '' }),
    }),
  ],
  log,
});
const ingest = connectRpc(IngestServiceDefinition, server.address, { transport: PLAINTEXT });
afterAll(async () => {
  await ingest[Symbol.asyncDispose]();
  await server.close();
});
beforeEach(() => {
  complete.length = 0;
});

type Part = NonNullable<PutRecordingRequest['part']>;
const header: Part = {
  $case: 'header',
  value: {
    tenantId: 'demo',
    profileId: '101',
    recordingId: 'call-1',
    mediaId: '',
    contentType: '',
    mediaType: '',
    startedAt: new Date(),
    attributes: {},
  },
};
const chunk = (bytes: number): Part => ({ $case: 'chunk', value: Buffer.alloc(bytes, 1) });
const end = (size: number): Part => ({ $case: 'end', value: { size: BigInt(size) } });
const put = async (...parts: Part[]) => {
  async function* requests() {
    for (const part of parts) yield { part };
  }
  return ingest.putRecording(requests());
};

test('what came whole is taken whole', async () => {
  await put(header, chunk(1000), chunk(24), end(1024));
  expect(complete).toEqual([Buffer.alloc(1024, 1)]);
});

test.each<[string, string, Part[]]>([
  ['MEDIA_INCOMPLETE', 'no end', [header, chunk(10)]],
  ['MEDIA_INCOMPLETE', 'only a header', [header]],
  ['MEDIA_INCOMPLETE', 'an end that says more than came', [header, chunk(10), end(11)]],
  ['MEDIA_INCOMPLETE', 'an end that says less than came', [header, chunk(10), end(9)]],
  ['INVALID_ARGUMENT', 'nothing', []],
  ['INVALID_ARGUMENT', 'a chunk first', [chunk(10), header, end(10)]],
  ['INVALID_ARGUMENT', 'two headers', [header, header, chunk(10), end(10)]],
  ['INVALID_ARGUMENT', 'a chunk after the end', [header, chunk(10), end(10), chunk(10)]],
])('%s for %s', async (code, _, parts) => {
  await expect(put(...parts)).rejects.toMatchObject({ code });
  expect(complete).toEqual([]);
});

// The client's cancel reaches the server as an end of the stream, for a moment or for good.
test('an upload broken off at any point is never taken for a whole one', async () => {
  const before = begun;
  const uploads = Array.from({ length: 60 }, async (_, i) => {
    const cancel = new AbortController();
    async function* requests() {
      yield { part: header };
      for (let sent = 0; sent < i % 20; sent++) yield { part: chunk(64 * 1024) };
      cancel.abort();
      await new Promise(() => {});
    }
    await expect(ingest.putRecording(requests(), { signal: cancel.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
  await Promise.all(uploads);
  await expect.poll(() => settled).toBe(begun);
  expect(begun).toBeGreaterThan(before);
  expect(complete).toEqual([]);
});

test('a recording was handed over when its call began', async () => {
  let now = new Date('2026-03-01T12:00:00Z');
  const times: Date[] = [];
  const noting: EncryptRecording = (...args) => {
    times.push(args[2].capturedAt);
    return encrypt(...args);
  };
  async function* requests() {
    now = new Date('2026-03-01T12:00:05Z');
    for (const part of [header, chunk(10), end(10)]) yield { part };
  }
  await createPutRecording(noting, { maxUploads: 1, idleMs: 60_000 }, () => now)(requests(), NO_CONTEXT);
  expect(times).toEqual([new Date('2026-03-01T12:00:00Z')]);
});

const NO_CONTEXT = { signal: new AbortController().signal, traceparent: '' };

test('an upload that stalls is given up', async () => {
  const impatient = createPutRecording(encrypt, { maxUploads: 1, idleMs: 20 }, clock);
  async function* requests() {
    yield { part: header };
    await new Promise(() => {});
  }
  await expect(impatient(requests(), NO_CONTEXT)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('one upload too many is refused, and there is room again when another has ended', async () => {
  const narrow = createPutRecording(encrypt, { maxUploads: 1, idleMs: 60_000 }, clock);
  const { promise: go, resolve } = Promise.withResolvers<void>();
  async function* requests() {
    yield { part: header };
    await go;
    yield { part: chunk(10) };
    yield { part: end(10) };
  }
  const first = narrow(requests(), NO_CONTEXT);
  await expect(narrow(requests(), NO_CONTEXT)).rejects.toMatchObject({ code: 'TOO_MANY_UPLOADS' });
  resolve();
  await first;
  await narrow(requests(), NO_CONTEXT);
});
