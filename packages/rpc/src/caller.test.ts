import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { checkHealth } from './health.ts';
import { startRpcServer } from './server.ts';
import { testCa } from './testing/certificates.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, recordings } from './testing.ts';

const request = { tenantId: 'demo', recordingId: 'r1' };

test('handler and log know who calls by the names of its certificate', async () => {
  await using folder = await temporaryFolder();
  const ca = await testCa(folder.path);
  const log = collectingLog();
  const own = await ca.issueTo('crypto-server', { also: ['localhost'] });
  using mutual = await openTls(own, log);
  using simple = await openTls({ ...own, clients: 'simple' }, log);
  using pipeline = await openTls(await ca.issueTo('pipeline', { also: ['eu.pipeline'] }), log);

  for (const [server, client, names] of [
    [mutual, pipeline, ['pipeline', 'eu.pipeline']],
    [simple, pipeline, []],
    [PLAINTEXT, PLAINTEXT, []],
  ] as const) {
    log.lines.length = 0;
    let caller: readonly string[] | undefined;
    await using started = await startRpcServer({
      access: OPEN_TO_ALL,
      transport: server,
      listen: 'localhost:0',
      log,
      services: [
        recordings(async (_request, context) => {
          caller = context.caller;
          return {};
        }),
      ],
    });
    await using rpc = connectRpc(RecordingServiceDefinition, started.address, { transport: client });
    await rpc.getRecording(request);
    expect(caller).toEqual(names);
    const line = log.lines.find(({ message }) => message === 'rpc');
    expect(line?.fields).toMatchObject({ status: 'OK' });
    expect(line?.fields.caller).toEqual(names.length === 0 ? undefined : names);
  }
});

test('the certificate is for serverName where that is given, and for the host of the address otherwise', async () => {
  await using folder = await temporaryFolder();
  const ca = await testCa(folder.path);
  const log = collectingLog();
  using own = await openTls(await ca.issueTo('crypto-server'), log);
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: own,
    listen: '127.0.0.1:0',
    log,
    services: [],
  });
  using transport = await openTls(await ca.issueTo('pipeline'), log);
  const localhost = server.address.replace('127.0.0.1', 'localhost');
  const health = (address: string, serverName?: string) =>
    checkHealth(address, { transport, ...(serverName && { serverName }) });
  expect(await health(server.address)).toBe('SERVING');
  expect(await health(localhost)).toBe('UNREACHABLE');
  expect(await health(localhost, 'crypto-server')).toBe('SERVING');
  expect(await health(server.address, 'profile-config')).toBe('UNREACHABLE');
});
