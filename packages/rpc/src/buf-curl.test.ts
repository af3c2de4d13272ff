/** What a person sees with the stock tool: `npx buf curl`. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { startRpcServer } from './server.ts';
import { testCa } from './testing/certificates.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, recordings } from './testing.ts';

const root = join(import.meta.dirname, '../../..');

const buf = (...args: string[]) =>
  new Promise<string>((resolve) => {
    execFile(
      join(root, 'node_modules/.bin/buf'),
      ['curl', '--protocol', 'grpc', ...args],
      // Away from proto/, so that only what the server tells of itself can help.
      { cwd: join(root, 'packages/rpc') },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });

test('lists methods, calls one by reflection, and shows an error with its code and next step', async () => {
  await using folder = await temporaryFolder();
  const ca = await testCa(folder.path);
  const log = collectingLog();
  using transport = await openTls(await ca.issueTo('metadata-processor'), log);
  const mine = await ca.issueTo('administrator');
  const certificate = ['--cert', mine.certificateFile, '--key', mine.certificateKeyFile];
  const curl = (...args: string[]) => buf('--cacert', ca.rootFile, ...certificate, ...args);
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport,
    listen: '127.0.0.1:0',
    log,
    services: [
      recordings(async ({ recordingId }) => {
        if (recordingId === 'r1') return { recording: { recordingId } as never };
        throw new AppError('RECORDING_NOT_FOUND', `There is no recording ${recordingId}`, {
          fix: 'List the recordings there are: sealtrack recordings list.',
          details: { recordingId },
        });
      }),
    ],
  });
  const url = `https://${server.address}`;
  const method = `${url}/sealtrack.recordings.v1.RecordingService/GetRecording`;
  expect(await curl('--list-methods', url)).toContain(
    'sealtrack.recordings.v1.RecordingService/ListRecordings',
  );
  expect(await curl('--reflect', method, '-d', '{"tenant_id":"demo","recording_id":"r1"}')).toContain('"r1"');
  expect(await curl(`${url}/grpc.health.v1.Health/Check`)).toContain('SERVING');
  const unknown = ['-d', '{"service":"nobody"}'];
  expect(await curl(`${url}/grpc.health.v1.Health/Check`, ...unknown)).toContain('not_found');
  const failed = await curl('--reflect', method, '-d', '{"recording_id":"r2"}');
  expect(failed).toContain('not_found');
  expect(failed).toContain('There is no recording r2');
  expect(failed).toContain('RECORDING_NOT_FOUND');
  expect(failed).toContain('google.rpc.ErrorInfo');
  expect(failed).toContain('List the recordings there are');
  expect(await buf('--cacert', ca.rootFile, `${url}/grpc.health.v1.Health/Check`)).not.toContain('SERVING');
}, 60_000);

test('over plaintext it needs to be told to speak HTTP/2 at once', async () => {
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [],
  });
  const url = `http://${server.address}/grpc.health.v1.Health/Check`;
  expect(await buf('--http2-prior-knowledge', url)).toContain('SERVING');
});
