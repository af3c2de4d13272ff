import { connectBus } from '@sealtrack/bus/connect';
import { connectRedis } from '@sealtrack/redis/connect';
import { pause } from '@sealtrack/service-kit/pause';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createBusHandlers } from './adapters/bus-handlers.ts';
import { connectSeals } from './adapters/connect-seals.ts';
import { connectServices } from './adapters/connect-services.ts';
import { startConsoleServer } from './adapters/http-server.ts';
import { openHttpTransport } from './adapters/interim/http-transport.ts';
import { createProxies } from './adapters/interim/proxies.ts';
import { accessOfPeople } from './adapters/people-access.ts';
import { createServiceHandlers } from './adapters/service-handlers.ts';
import { connectWatched } from './adapters/watched-services.ts';
import { type Config, OPENLY } from './config.ts';
import { watchHealth } from './watch-health.ts';

/** @param tls of the service, whose certificate is shown to browsers unless there is another one. */
export async function start(config: Config, context: ServiceContext, tls: TlsValues) {
  const { log, metrics, transport, signal } = context;
  await using stack = new AsyncDisposableStack();
  const http = stack.use(await openHttpTransport(config.http, tls, log, OPENLY));
  if (http.transport !== PLAINTEXT) {
    const expiry = metrics.gauge(
      'sealtrack_console_certificate_expiry_timestamp_seconds',
      'When the certificate that browsers see expires, in Unix time',
    );
    http.onCertificate((notAfter) => expiry.set(notAfter.getTime() / 1000));
  }
  const redis = stack.use(
    connectRedis({
      ...{ transport, log },
      url: config.redisUrl,
      password: config.redisPassword,
      name: 'console',
    }),
  );
  await redis.ready(signal);
  const bus = stack.use(
    await connectBus({ transport, url: config.natsUrl, name: 'console', waitOnFirstConnect: true, log }),
  );
  const access = accessOfPeople(context.access);
  const isHttps = http.transport !== PLAINTEXT || config.publicUrl?.startsWith('https:') === true;
  const services = stack.use(connectServices(config, { transport, log }));
  const ofServices = createServiceHandlers(services, log);
  const watched = stack.use(
    connectWatched(config, {
      ...{ transport, bus, redis: redis.client },
      redisAddress: addressOf(config.redisUrl),
    }),
  );
  const watching = new AbortController();
  stack.defer(() => watching.abort());
  const health = watchHealth(watched.all, { now: () => new Date(), pause, signal: watching.signal });
  const { askSeals } = stack.use(connectSeals(config.cryptoAddresses, transport));
  const { certificates } = services;
  const ofTheBus = stack.use(
    createBusHandlers({ ...{ bus, certificates, askSeals, health, access, transport }, metrics, log }),
  );
  const server = stack.use(
    await startConsoleServer({
      ...{ listen: config.listen, transport: http.transport, staticDir: config.staticDir },
      proxies: createProxies(config.forwarding),
      proxyHeader: config.forwarding.header,
      maxConnections: config.maxConnections,
      connectionsPerAddress: config.connectionsPerAddress,
      ...{ origin: config.publicUrl, isHttps, access, health, log },
      findSession: async () => undefined,
      groups: [...ofServices, ...ofTheBus.groups],
    }),
  );
  const owned = stack.move();
  return { addresses: { http: server.address }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Without credentials. */
function addressOf(redisUrl: string): string {
  const { host } = new URL(redisUrl);
  return host;
}
