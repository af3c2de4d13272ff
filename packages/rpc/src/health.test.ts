import { PLAINTEXT } from '@sealtrack/tls/tls';
import { HealthDefinition } from 'nice-grpc-server-health';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { checkHealth } from './health.ts';
import { startRpcServer } from './server.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, gate, ingest, recordings } from './testing.ts';

const service = 'sealtrack.recordings.v1.RecordingService';

test('health follows setServing, for the server and for each service', async () => {
  const log = collectingLog();
  const server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log,
    services: [recordings(async () => ({}))],
  });
  await using client = connectRpc(HealthDefinition, server.address, { transport: PLAINTEXT });
  expect(await checkHealth(server.address, { transport: PLAINTEXT })).toBe('SERVING');
  expect(await client.check({ service })).toMatchObject({ status: 1 });
  server.setServing(false);
  expect(await checkHealth(server.address, { transport: PLAINTEXT })).toBe('NOT_SERVING');
  expect(await client.check({ service })).toMatchObject({ status: 2 });
  server.setServing(true);
  expect(await checkHealth(server.address, { transport: PLAINTEXT })).toBe('SERVING');
  await server.close();
  expect(await checkHealth(server.address, { transport: PLAINTEXT })).toBe('UNREACHABLE');
  // Probes come every few seconds for ever: they stay out of the log.
  expect(log.lines.filter((line) => line.level !== 'debug')).toEqual([]);
});

test('a service that is excepted stays as it is while the rest of the server changes', async () => {
  await using server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [recordings(async () => ({})), ingest(async () => 0)],
  });
  await using client = connectRpc(HealthDefinition, server.address, { transport: PLAINTEXT });
  const other = 'sealtrack.ingest.v1.IngestService';
  const statuses = async () => {
    const answers = ['', service, other].map((name) => client.check({ service: name }));
    return (await Promise.all(answers)).map(({ status }) => Number(status));
  };
  server.setServing(false, { except: [service] });
  expect(await statuses()).toEqual([2, 1, 2]);
  server.setServing(false);
  server.setServing(true, { except: [service] });
  expect(await statuses()).toEqual([1, 2, 1]);
  server.setServing(true);
  expect(await statuses()).toEqual([1, 1, 1]);
  expect(() => server.setServing(false, { except: ['RecordingService'] })).toThrow('RecordingService');
  expect(await statuses()).toEqual([1, 1, 1]);
});

test('a watcher sees the server leave, and does not hold it back', async () => {
  const server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services: [],
  });
  await using client = connectRpc(HealthDefinition, server.address, { transport: PLAINTEXT });
  const seen: number[] = [];
  const watching = gate();
  const watch = (async () => {
    for await (const { status } of client.watch({ service: '' })) {
      seen.push(Number(status));
      watching.resolve();
    }
  })();
  const ended = expect(watch).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await watching.promise;
  await server.close();
  await ended;
  expect(seen[0]).toBe(1);
});
