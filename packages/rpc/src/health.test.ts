import { HealthDefinition } from 'nice-grpc-server-health';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { checkHealth } from './health.ts';
import { startRpcServer } from './server.ts';
import { collectingLog, gate, recordings } from './testing.ts';

const service = 'sealtrack.recordings.v1.RecordingService';

test('health follows setServing, for the server and for each service', async () => {
  const log = collectingLog();
  const server = await startRpcServer({
    listen: '127.0.0.1:0',
    log,
    services: [recordings(async () => ({}))],
  });
  await using client = connectRpc(HealthDefinition, server.address);
  expect(await checkHealth(server.address)).toBe('SERVING');
  expect(await client.check({ service })).toMatchObject({ status: 1 });
  server.setServing(false);
  expect(await checkHealth(server.address)).toBe('NOT_SERVING');
  expect(await client.check({ service })).toMatchObject({ status: 2 });
  server.setServing(true);
  expect(await checkHealth(server.address)).toBe('SERVING');
  await server.close();
  expect(await checkHealth(server.address)).toBe('UNREACHABLE');
  // Probes come every few seconds for ever: they stay out of the log.
  expect(log.lines.filter((line) => line.level !== 'debug')).toEqual([]);
});

test('a watcher sees the server leave, and does not hold it back', async () => {
  const server = await startRpcServer({ listen: '127.0.0.1:0', log: collectingLog(), services: [] });
  await using client = connectRpc(HealthDefinition, server.address);
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
