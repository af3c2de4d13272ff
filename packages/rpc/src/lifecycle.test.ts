import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { startRpcServer } from './server.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, gate, ingest, part, recordings } from './testing.ts';

const request = { tenantId: 'demo', recordingId: 'r1' };
const never = new Promise<never>(() => {});

test('a unary call has a deadline by default, and its handler knows it and is told when it passes', async () => {
  const told = Promise.withResolvers<{ deadline: Date | undefined; reason: unknown }>();
  let entered = false;
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [
      recordings((_request, { deadline, signal }) => {
        const tell = () => told.resolve({ deadline, reason: signal.reason });
        if (signal.aborted) tell();
        else signal.addEventListener('abort', tell);
        entered = true;
        return never;
      }),
    ],
    graceMs: 0,
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, {
    transport: PLAINTEXT,
    deadlineMs: 200,
  });
  // On a busy machine a call's time may be up before it reaches its handler.
  while (!entered) {
    await expect(client.getRecording(request)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  }
  const { deadline, reason } = await told.promise;
  expect(deadline).toBeInstanceOf(Date);
  // The client's own timer may cancel the call just before the server's fires.
  expect(reason).toHaveProperty('code', expect.stringMatching(/^(DEADLINE_EXCEEDED|CANCELLED)$/));
});

test('a handler that still works after the upload ended is told when its client goes away', async () => {
  const working = gate();
  const stopped = gate();
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [
      ingest(async (parts, { signal }) => {
        for await (const _ of parts);
        signal.addEventListener('abort', () => stopped.resolve());
        working.resolve();
        await stopped.promise;
        signal.throwIfAborted();
        return 0;
      }),
    ],
  });
  await using client = connectRpc(IngestServiceDefinition, server.address, { transport: PLAINTEXT });
  const controller = new AbortController();
  async function* source() {
    yield part();
  }
  const call = client.putRecording(source(), { signal: controller.signal });
  const failed = expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  await working.promise;
  controller.abort();
  await Promise.all([failed, stopped.promise]);
});

test('a trace context reaches the handler and the log', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const log = collectingLog();
  let seen: string | undefined;
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log,
    services: [
      recordings(async (_request, context) => {
        seen = context.traceparent;
        return {};
      }),
    ],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  await client.getRecording(request, { traceparent });
  expect(seen).toBe(traceparent);
  expect(log.lines.map((line) => line.fields)).toContainEqual(
    expect.objectContaining({ traceparent, status: 'OK' }),
  );
});

test('close() lets the call in flight finish and takes no new one', async () => {
  const entered = gate();
  const release = gate();
  const server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [
      recordings(async () => {
        entered.resolve();
        await release.promise;
        return {};
      }),
    ],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  const first = client.getRecording(request);
  await entered.promise;
  const closed = server.close();
  await expect(client.getRecording(request)).rejects.toHaveProperty(
    'code',
    expect.stringMatching(/^(SERVICE_UNAVAILABLE|SHUTTING_DOWN)$/),
  );
  release.resolve();
  await expect(first).resolves.toBeDefined();
  await closed;
});

test('after the grace a call is ended with SHUTTING_DOWN', async () => {
  const entered = gate();
  const server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    graceMs: 50,
    services: [
      recordings(async (_request, { signal }) => {
        entered.resolve();
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        return {};
      }),
    ],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  const failed = expect(client.getRecording(request)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await entered.promise;
  await server.close();
  await failed;
});

test('a handler that ignores everything does not keep the server', async () => {
  const entered = gate();
  const server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    graceMs: 50,
    services: [
      recordings(() => {
        entered.resolve();
        return never;
      }),
    ],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  const failed = expect(client.getRecording(request)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await entered.promise;
  await server.close();
  await failed;
});

test('a client finds its server again after a restart on the same address', async () => {
  const services = [recordings(async () => ({}))];
  const first = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services,
  });
  await using client = connectRpc(RecordingServiceDefinition, first.address, { transport: PLAINTEXT });
  await client.getRecording(request);
  await first.close();
  await expect(client.getRecording(request)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await using _second = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: first.address,
    log: collectingLog(),
    services,
  });
  await expect
    .poll(() => client.getRecording(request).then(() => 'answered', String), { timeout: 10_000 })
    .toBe('answered');
});
