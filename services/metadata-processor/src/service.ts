import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { createCallAccess } from '@sealtrack/service-kit/call-access';
import { createCallMetrics } from '@sealtrack/service-kit/call-metrics';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import { createBusAnnouncer } from './adapters/bus-announcer.ts';
import { createBusDeadLetters } from './adapters/bus-dead-letters.ts';
import { consumeAll } from './adapters/consume-all.ts';
import { createRedisAccesses } from './adapters/redis-accesses.ts';
import { createRedisCertificateIndex } from './adapters/redis-certificate-index.ts';
import { createRedisFailures } from './adapters/redis-failures.ts';
import { createRedisFoundBy } from './adapters/redis-found-by.ts';
import { createRedisIndex } from './adapters/redis-index.ts';
import { createRedisSearch } from './adapters/redis-search.ts';
import { atMostEvery } from './at-most-every.ts';
import type { Config } from './config.ts';
import { createCountOlder } from './count-older.ts';
import { createCountRecordings, createCountRecordingsOfEach } from './count-recordings.ts';
import { agentAttributes } from './domain/agents.ts';
import { createGetRecording } from './get-recording.ts';
import { createGetTimeline } from './get-timeline.ts';
import { createListAccesses } from './list-accesses.ts';
import { createListFailedCaptures } from './list-failed-captures.ts';
import { createListRecordings } from './list-recordings.ts';

/** A pass that leaves some over is not begun anew with each search. */
const FILL_AGAIN_MS = 60_000;

export async function start(config: Config, { log, metrics, transport, access, signal }: ServiceContext) {
  await using stack = new AsyncDisposableStack();
  const ended = new AbortController();

  const redis = stack.use(
    connectRedis({
      ...{ transport, log },
      url: config.redisUrl,
      password: config.redisPassword,
      name: 'metadata-processor',
    }),
  );
  await redis.ready(signal);
  const bus = stack.use(
    await connectBus({
      transport,
      url: config.natsUrl,
      name: 'metadata-processor',
      waitOnFirstConnect: true,
      log,
    }),
  );
  await ensureStreams(bus);
  const agents = agentAttributes(config.agentAttributes);
  const index = createRedisIndex(redis.client, agents);
  const certificates = createRedisCertificateIndex(redis.client);
  const countOlder = createCountOlder(certificates, log, ended.signal);
  const foundBy = createRedisFoundBy(redis.client, agents);
  const fillOlder = createCountOlder(foundBy, log, ended.signal, 'search');
  const onIncomplete = atMostEvery(FILL_AGAIN_MS, (tenantId: TenantId) => fillOlder.of(tenantId));
  const search = createRedisSearch(redis.client, { agentAttributes: agents, onIncomplete });
  const failures = createRedisFailures(redis.client, createBusDeadLetters(bus, log));
  const accesses = createRedisAccesses(redis.client);
  const consuming = consumeAll(bus, {
    ...{ index, failures, accesses, announcer: createBusAnnouncer(bus), clock: () => new Date() },
    indexed: metrics.counter('sealtrack_recordings_indexed_total', 'Recordings added to the index'),
    ...{ config, log, signal: ended.signal },
  });

  const server = stack.use(
    await startRpcServer({
      transport,
      access: createCallAccess(access, metrics),
      observe: createCallMetrics(metrics),
      listen: config.listen,
      services: [
        implement(RecordingServiceDefinition, {
          getRecording: createGetRecording(index),
          listRecordings: createListRecordings(search),
          countRecordings: createCountRecordings(certificates, countOlder),
          countRecordingsOfEach: createCountRecordingsOfEach(certificates, countOlder),
          listFailedCaptures: createListFailedCaptures(failures),
          getTimeline: createGetTimeline({ index, failures, accesses }),
          listAccesses: createListAccesses(accesses),
        }),
      ],
      log,
    }),
  );
  // It may have every recording to look at, so nobody waits for it.
  const counting = countOlder.ofAll().then(() => fillOlder.ofAll());
  const owned = stack.move();
  return {
    addresses: { grpc: server.address },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await Promise.all([server.close(), consuming, counting]);
      await Promise.all([countOlder.ended(), fillOlder.ended()]);
      await owned.disposeAsync();
    },
  };
}
