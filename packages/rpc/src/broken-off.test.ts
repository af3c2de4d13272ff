import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import {
  IngestServiceDefinition,
  PutRecordingRequest,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { describe, expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { startRpcServer } from './server.ts';
import { CHUNK, collectingLog, gate, ingest, part } from './testing.ts';

describe('an upload that is broken off never looks complete to its handler', () => {
  type Outcome = { readonly chunks: number; readonly error: unknown };

  /** A server whose handler reports how its request stream ended, and says when it took `expected` chunks. */
  async function receiver(expected: number, hold?: Promise<void>) {
    const reached = gate();
    const outcome = Promise.withResolvers<Outcome>();
    const server = await startRpcServer({
      listen: '127.0.0.1:0',
      log: collectingLog(),
      services: [
        ingest(async (request) => {
          let chunks = 0;
          if (expected === 0) reached.resolve();
          try {
            for await (const _ of request) {
              chunks += 1;
              if (chunks === expected) reached.resolve();
              await hold;
            }
            outcome.resolve({ chunks, error: undefined });
          } catch (error) {
            outcome.resolve({ chunks, error });
            throw error;
          }
          return chunks;
        }),
      ],
    });
    return { server, reached: reached.promise, outcome: outcome.promise };
  }

  test.each([0, 1, 5, 50, 300])('cancelled by the client after %i chunks were taken', async (count) => {
    const { server, reached, outcome } = await receiver(count);
    await using _server = server;
    await using client = connectRpc(IngestServiceDefinition, server.address);
    const controller = new AbortController();
    const forever = gate();
    async function* source() {
      // Without a message the call is not even sent.
      for (let i = 0; i < Math.max(1, count); i += 1) yield part(CHUNK.subarray(0, 64 * 1024));
      await forever.promise;
    }
    const call = client.putRecording(source(), { signal: controller.signal });
    const failed = expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await reached;
    controller.abort();
    await failed;
    expect((await outcome).error).toMatchObject({ code: 'CANCELLED' });
    forever.resolve();
  });

  test('cancelled while the handler is behind', async () => {
    const hold = gate();
    const { server, reached, outcome } = await receiver(1, hold.promise);
    await using _server = server;
    await using client = connectRpc(IngestServiceDefinition, server.address);
    const controller = new AbortController();
    const forever = gate();
    async function* source() {
      for (let i = 0; i < 10; i += 1) yield part();
      await forever.promise;
    }
    const call = client.putRecording(source(), { signal: controller.signal });
    const failed = expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await reached;
    controller.abort();
    await failed;
    hold.resolve();
    expect((await outcome).error).toMatchObject({ code: 'CANCELLED' });
    forever.resolve();
  });

  test('by a source that fails: the caller gets its own error back', async () => {
    const { server, reached, outcome } = await receiver(3);
    await using _server = server;
    await using client = connectRpc(IngestServiceDefinition, server.address);
    const original = new Error('disk read failed');
    async function* source() {
      for (let i = 0; i < 3; i += 1) yield part();
      await reached;
      throw original;
    }
    await expect(client.putRecording(source())).rejects.toBe(original);
    expect((await outcome).error).toMatchObject({ code: 'CANCELLED' });
  });

  test.each(['connection', 'stream'] as const)('by a %s that is reset below gRPC', async (what) => {
    const { server, reached, outcome } = await receiver(2);
    await using _server = server;
    const [host, port] = server.address.split(':');
    const socket = connectTcp(Number(port), host);
    const session = connectHttp2(`http://${server.address}`, { createConnection: () => socket });
    session.on('error', () => {});
    const stream = session.request({
      ':method': 'POST',
      ':path': '/sealtrack.ingest.v1.IngestService/PutRecording',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {});
    const body = PutRecordingRequest.encode(part()).finish();
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(body.length, 1);
    for (let i = 0; i < 2; i += 1) stream.write(Buffer.concat([frame, body]));
    await reached;
    if (what === 'connection') socket.destroy();
    else stream.close(8);
    expect((await outcome).error).toMatchObject({ code: 'CANCELLED' });
    session.destroy();
  });
});
