import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { CODES, type ErrorCode } from '@sealtrack/errors/codes';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { ClientError, Status } from 'nice-grpc-common';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { startRpcServer } from './server.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { CHUNK, collectingLog, recordings } from './testing.ts';

const failure = (call: Promise<unknown>): Promise<AppError> =>
  call.then(
    () => Promise.reject(new Error('The call succeeded')),
    (error: AppError) => error,
  );
const of = (recordingId: string) => ({ tenantId: 'demo', recordingId });

test('an AppError of any code arrives whole, under the status that its code stands for', async () => {
  const cause = new Error('connect ECONNREFUSED 10.1.2.3');
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [
      recordings(async ({ recordingId }) => {
        throw new AppError(recordingId as ErrorCode, `It is ${recordingId} – truly`, {
          fix: 'Mend it, straße 7.',
          details: { field: 'recording_id', value: '100 % "x"\n' },
          cause,
        });
      }),
    ],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  for (const code of Object.keys(CODES) as ErrorCode[]) {
    const error = await failure(client.getRecording(of(code)));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      code,
      message: `It is ${code} – truly`,
      fix: 'Mend it, straße 7.',
      details: { field: 'recording_id', value: '100 % "x"\n' },
    });
    const wire = error.cause as ClientError;
    expect(wire).toBeInstanceOf(ClientError);
    expect(Status[wire.code]).toBe(CODES[code].grpc);
    expect(JSON.stringify(wire)).not.toContain('ECONNREFUSED');
  }
});

test('an unknown error is opaque to the client and whole in the log', async () => {
  const log = collectingLog();
  const original = new TypeError('password of 10.1.2.3 is hunter2');
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log,
    services: [
      recordings(async () => {
        throw original;
      }),
    ],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  const error = await failure(client.getRecording(of('r1')));
  expect(error.code).toBe('INTERNAL');
  expect(`${error.message} ${error.fix} ${JSON.stringify(error.details)} ${error.cause}`).not.toContain(
    'hunter2',
  );
  const logged = log.lines.find((line) => line.level === 'error');
  expect(logged?.fields.err).toHaveProperty('cause', original);
  expect(logged?.fields).toMatchObject({
    status: 'INTERNAL',
    method: '/sealtrack.recordings.v1.RecordingService/GetRecording',
  });
});

test('an error with very long texts still arrives with its code', async () => {
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [
      recordings(async () => {
        throw new AppError('STORE_FULL', 'm'.repeat(100_000), {
          fix: 'f'.repeat(100_000),
          details: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 'v'.repeat(5_000)])),
        });
      }),
    ],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  expect((await failure(client.getRecording(of('r1')))).code).toBe('STORE_FULL');
});

test('a server that is not there is SERVICE_UNAVAILABLE, naming the address', async () => {
  const server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [],
  });
  await server.close();
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  const error = await failure(client.getRecording(of('r1')));
  expect(error.code).toBe('SERVICE_UNAVAILABLE');
  expect(error.message).toContain(server.address);
  expect(error.fix).toContain(server.address);
});

test('a service that the server does not have is named', async () => {
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  const error = await failure(client.getRecording(of('r1')));
  expect(error.message).toContain('/sealtrack.recordings.v1.RecordingService/GetRecording');
  expect(error.fix).toContain('the right service');
});

test('a message over the limit is refused, saying what to do', async () => {
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    maxMessageBytes: 64 * 1024,
    services: [recordings(async () => ({}))],
  });
  await using client = connectRpc(RecordingServiceDefinition, server.address, { transport: PLAINTEXT });
  const error = await failure(client.getRecording(of(CHUNK.toString('hex'))));
  expect(error.code).toBe('INVALID_ARGUMENT');
  expect(error.fix).toContain('smaller');
});

test('an address that is taken is CONFIG_INVALID', async () => {
  await using first = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [],
  });
  const error = await failure(
    startRpcServer({
      access: OPEN_TO_ALL,
      transport: PLAINTEXT,
      listen: first.address,
      log: collectingLog(),
      services: [],
    }),
  );
  expect(error.code).toBe('CONFIG_INVALID');
  expect(error.message).toContain(first.address);
});
