import { connectBus } from '@sealtrack/bus/connect';
import { type ConsumeOptions, consumeEvents } from '@sealtrack/bus/consume';
import { ensureStreams } from '@sealtrack/bus/streams';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { connectRedis } from '@sealtrack/redis/connect';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { createCallAccess } from '@sealtrack/service-kit/call-access';
import { createCallMetrics } from '@sealtrack/service-kit/call-metrics';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import { createBusAnnouncer } from './adapters/bus-announcer.ts';
import { createRedisCertificateIndex } from './adapters/redis-certificate-index.ts';
import { createRedisIndex } from './adapters/redis-index.ts';
import type { Config } from './config.ts';
import { createCountOlder } from './count-older.ts';
import { createCountRecordings } from './count-recordings.ts';
import { createGetRecording } from './get-recording.ts';
import { createListRecordings } from './list-recordings.ts';
import { createRecordEncrypted } from './record-encrypted.ts';
import { createRecordKeptInClear } from './record-kept-in-clear.ts';
import { createRecordRewrapped } from './record-rewrapped.ts';

/** While Redis is away events are held, however long; this is for what is wrong with an event itself. */
const BACKOFF_MS = [500, 2_000, 10_000, 30_000];

type Consumer<T> = Pick<ConsumeOptions<T>, 'durable' | 'kind' | 'handle'>;

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
  const index = createRedisIndex(redis.client);
  const certificates = createRedisCertificateIndex(redis.client);
  const countOlder = createCountOlder(certificates, log, ended.signal);

  const indexed = metrics.counter('sealtrack_recordings_indexed_total', 'Recordings added to the index');
  const announcer = createBusAnnouncer(bus);
  const clock = () => new Date();
  const consume = <T>(happened: string, { durable, kind, handle }: Consumer<T>): Promise<void> =>
    consumeEvents(bus, {
      stream: STREAMS.events,
      filter: SUBJECTS.anyTenantEvent('recording', happened),
      ...{ durable, kind, handle },
      concurrency: config.eventConcurrency,
      maxDeliver: BACKOFF_MS.length + 1,
      backoffMs: BACKOFF_MS,
      ackWaitMs: config.eventAckWaitMs,
      signal: ended.signal,
      log,
    });
  // A consumer each, since before nats-server 2.10 one has a single filter: so they come in any order.
  const consuming = Promise.all([
    consume('encrypted', {
      durable: 'metadata-processor',
      kind: EVENT_KINDS.recordingEncrypted,
      handle: createRecordEncrypted(index, announcer, clock, indexed),
    }),
    consume('kept-in-clear', {
      durable: 'metadata-processor-kept-in-clear',
      kind: EVENT_KINDS.recordingKeptInClear,
      handle: createRecordKeptInClear(index, announcer, clock, indexed),
    }),
    consume('rewrapped', {
      durable: 'metadata-processor-rewrapped',
      kind: EVENT_KINDS.recordingRewrapped,
      handle: createRecordRewrapped(index, clock, indexed),
    }),
  ]);

  const server = stack.use(
    await startRpcServer({
      transport,
      access: createCallAccess(access, metrics),
      observe: createCallMetrics(metrics),
      listen: config.listen,
      services: [
        implement(RecordingServiceDefinition, {
          getRecording: createGetRecording(index),
          listRecordings: createListRecordings(index),
          countRecordings: createCountRecordings(certificates, countOlder),
        }),
      ],
      log,
    }),
  );
  // It may have every recording to look at, so nobody waits for it.
  const counting = countOlder.ofAll();
  const owned = stack.move();
  return {
    addresses: { grpc: server.address },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await Promise.all([server.close(), consuming, counting]);
      await countOlder.ended();
      await owned.disposeAsync();
    },
  };
}
