import { createBusStream } from '@sealtrack/audit-trail/write/bus-stream';
import { createAuditWriter } from '@sealtrack/audit-trail/write/writer';
import { connectBus } from '@sealtrack/bus/connect';
import { openHttpTransport } from '@sealtrack/media-http/http-transport';
import { createProxies } from '@sealtrack/media-http/proxies';
import { connectRedis } from '@sealtrack/redis/connect';
import { pause } from '@sealtrack/service-kit/pause';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import { createSigner } from '@sealtrack/statements/create-signer';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createBusAccountTrail } from './adapters/bus-account-trail.ts';
import { createBusHandlers } from './adapters/bus-handlers.ts';
import { connectSeals } from './adapters/connect-seals.ts';
import { connectServices } from './adapters/connect-services.ts';
import { startConsoleServer } from './adapters/http-server.ts';
import { createListTenants } from './adapters/list-tenants.ts';
import { accessOfPeople } from './adapters/people-access.ts';
import { missingRoutes } from './adapters/register-routes.ts';
import type { ScryptCost } from './adapters/scrypt-passwords.ts';
import { createServiceHandlers } from './adapters/service-handlers.ts';
import { createSetupLink } from './adapters/setup-link.ts';
import { VERSION } from './adapters/version.ts';
import { connectWatched } from './adapters/watched-services.ts';
import { type Config, OPENLY, originOf } from './config.ts';
import { createPeople } from './people.ts';
import { providerSettings } from './provider-settings.ts';
import { watchHealth } from './watch-health.ts';

/** What tests have otherwise. */
export interface Parts {
  /** Of sessions, in milliseconds since 1970. */
  readonly clock?: () => number;
  readonly passwordCost?: ScryptCost;
  /** For each record of the audit trail. */
  readonly recordMs?: number;
}

/** @param tls of the service, whose certificate is shown to browsers unless there is another one. */
export async function start(config: Config, context: ServiceContext, tls: TlsValues, parts: Parts = {}) {
  const { log, metrics, transport, signal } = context;
  const { clock = Date.now, passwordCost, recordMs = 3_000 } = parts;
  await using stack = new AsyncDisposableStack();
  const provider = providerSettings(config);
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
  const records = stack.use(
    createAuditWriter({
      ...{ stream: createBusStream(bus), signer: createSigner(transport), log },
      ...{ now: () => new Date(), source: 'console', deadlineMs: recordMs },
    }),
  );
  const services = stack.use(connectServices(config, { transport, log }));
  const access = accessOfPeople(context.access);
  let address = config.listen;
  const isTls = http.transport !== PLAINTEXT;
  const origin = () => originOf(config, isTls, address);
  const setupLink = createSetupLink(config.setupLinkFile, log);
  const people = createPeople({
    ...{ redis: redis.client, access, provider, limits: config.session, origin, clock, log },
    trail: createBusAccountTrail(records),
    describe: {
      listTenants: createListTenants(services.profiles),
      ...{ version: VERSION, isLocalSystem: config.isLocalSystem },
    },
    cost: passwordCost,
    onSetUp: setupLink.remove,
  });
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
  const groups = [...people.groups, ...ofServices, ...ofTheBus.groups];
  const missing = missingRoutes(groups);
  if (missing.length > 0) throw new Error(`No handler for ${missing.join(', ')}`);
  const server = stack.use(
    await startConsoleServer({
      ...{ listen: config.listen, transport: http.transport, staticDir: config.staticDir },
      proxies: createProxies(config.forwarding),
      proxyHeader: config.forwarding.header,
      maxConnections: config.maxConnections,
      connectionsPerAddress: config.connectionsPerAddress,
      ...{ origin: config.publicUrl, isHttps: origin().startsWith('https:'), access, health, log },
      findSession: people.findSession,
      groups,
    }),
  );
  address = server.address;
  await setupLink.offer(people.offerSetup);
  const owned = stack.move();
  return { addresses: { http: server.address }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Without credentials. */
function addressOf(redisUrl: string): string {
  const { host } = new URL(redisUrl);
  return host;
}
