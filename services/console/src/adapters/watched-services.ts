import type { Bus } from '@sealtrack/bus/bus';
import type { AppError } from '@sealtrack/errors/app-error';
import type { RedisClient } from '@sealtrack/redis/connect';
import { connectHealth, type HealthAnswer } from '@sealtrack/rpc/health';
import type { Transport } from '@sealtrack/tls/tls';
import type { Watched } from '../watch-health.ts';

export interface WatchedAddresses {
  readonly metadataAddress: string;
  readonly profilesAddress: string;
  readonly cryptoAddresses: readonly string[];
  readonly ingestAddresses: readonly string[];
}

export interface WatchedDeps {
  readonly transport: Transport;
  readonly bus: Bus;
  readonly redis: Pick<RedisClient, 'ping' | 'status'>;
  /** As people may see it. */
  readonly redisAddress: string;
}

export interface WatchedServices extends AsyncDisposable {
  readonly all: readonly Watched[];
}

/** All that the console asks, or shows the state of. Connections are kept, so that asking costs next to nothing. */
export function connectWatched(addresses: WatchedAddresses, deps: WatchedDeps): WatchedServices {
  const stack = new AsyncDisposableStack();
  const ofService =
    (service: string) =>
    (address: string): Watched => {
      const client = stack.use(connectHealth(address, { transport: deps.transport }));
      return { service, address, whyDown: whyNot(() => client.ask()) };
    };
  const all = [
    ...addresses.ingestAddresses.map(ofService('media-encryptor')),
    ofService('metadata-processor')(addresses.metadataAddress),
    ...addresses.cryptoAddresses.map(ofService('crypto-server')),
    ofService('profile-config')(addresses.profilesAddress),
    ofNats(deps.bus),
    ofRedis(deps.redis, deps.redisAddress),
  ];
  return { all, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const DOES_NOT_SERVE =
  'It runs, and does not serve: it waits for NATS, Redis or the media store, is sealed, or is shutting down; its log says which';

/** A busy machine is late at times: only a second answer that does not come says something. */
function whyNot(ask: () => Promise<HealthAnswer>): Watched['whyDown'] {
  let isLate = false;
  return async () => {
    const { health, error } = await ask();
    const wasLate = isLate;
    isLate = error?.code === 'DEADLINE_EXCEEDED';
    if (health === 'SERVING' || (isLate && !wasLate)) return undefined;
    return health === 'NOT_SERVING' ? DOES_NOT_SERVE : messageOf(error);
  };
}

const messageOf = (error: AppError | undefined): string => error?.message ?? 'Nothing answers';

const NATS_MS = 3_000;

/** A server that hangs keeps its connection for half a minute: what comes back of it says more. */
function ofNats(bus: Bus): Watched {
  let isLate = false;
  return {
    ...{ service: 'NATS', address: bus.link.address },
    whyDown: async () => {
      if (!bus.connected()) return 'The connection is lost, and nothing answers there yet';
      const wasLate = isLate;
      isLate = !(await answersWithin(NATS_MS, () => bus.link.connection.flush()));
      return isLate && wasLate ? 'It is connected, and does not answer' : undefined;
    },
  };
}

/** A failure is an answer too: what it says of the connection, the connection says itself. */
async function answersWithin(ms: number, ask: () => Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  const answer = ask().then(
    () => true,
    () => true,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

const ofRedis = (redis: WatchedDeps['redis'], address: string): Watched => ({
  ...{ service: 'Redis', address },
  whyDown: async () => {
    if (redis.status !== 'ready') return 'The connection is lost, and nothing answers there yet';
    return redis.ping().then(
      () => undefined,
      () => 'It is connected, and does not answer',
    );
  },
});
