import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import { hasCode } from '@sealtrack/errors/app-error';
import type { LocalServer } from '@sealtrack/local-servers/local-server';
import { startNats } from '@sealtrack/local-servers/start-nats';
import { startRedis } from '@sealtrack/local-servers/start-redis';
import { createUnsealKeyFile } from '@sealtrack/sealed-store/unseal-key';
import { buildConsole } from './build-console.ts';
import { claimFolder } from './claim-folder.ts';
import { type Connections, type ConnectionsOptions, openConnections, tlsVariables } from './connections.ts';
import { type Console, startConsole } from './console.ts';
import { redisVariables } from './redis-variables.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { ensureTicketIssuer, type TicketIssuer } from './ticket-issuer.ts';
import { WORKSPACE } from './workspace.ts';

/** Those that are in every system. */
export type ServiceName =
  | 'metadata-processor'
  | 'crypto-server'
  | 'profile-config'
  | 'media-encryptor'
  | 'playback';

export type AnyService = ServiceName | 'console';

export interface SystemOptions extends ConnectionsOptions {
  /** URLs of servers that somebody else runs, instead of those that SEALTRACK_NATS_URL and _REDIS_URL may name. */
  readonly nats?: string;
  readonly redis?: string;
  /** One line for everything that has started. */
  readonly log?: (line: string) => void;
  /** Environment variables of one service, beside or instead of the usual ones. */
  readonly env?: Partial<Readonly<Record<AnyService, Readonly<Record<string, string>>>>>;
  /** Told when a service ends without having been stopped or killed through this system. */
  readonly onUnexpectedExit?: (service: AnyService, code: number) => void;
  /** Aborted: starting is given up with CANCELLED. */
  readonly signal?: AbortSignal;
  /** Whether people get a console besides, whose pages are built when they have changed; not unless told. */
  readonly withConsole?: boolean;
  /** Where <service>/main.ts is; the workspace's services unless told. */
  readonly servicesDir?: string;
}

export interface System extends AsyncDisposable {
  /** Addresses by what is asked for there: gRPC, and HTTP for playback. */
  readonly addresses: Readonly<Record<'ingest' | 'recordings' | 'crypto' | 'profiles' | 'playback', string>>;
  /** http:// or https://, and the address of playback. */
  readonly playbackUrl: string;
  /** Undefined without one. */
  readonly console: Console | undefined;
  /** http:// or https://, and the address of the console; undefined without one. */
  readonly consoleUrl: string | undefined;
  readonly ticketIssuer: TicketIssuer;
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly connections: Connections;
  readonly nats: LocalServer;
  readonly redis: LocalServer;
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>;
}

/** Piscina and libuv share these threads: RSA and AES must not wait behind file reads. */
const CRYPTO_THREADS = { UV_THREADPOOL_SIZE: '16' };

/**
 * Starts NATS, Redis and the five services, and a console where one is wanted, each a process of its own on free loopback ports, and
 * resolves when all are ready. Every connection among them is mutual TLS, unless plaintext is asked for. Disposing it stops the services, which drain, and then the servers. Nothing survives this process, whatever
 * its end. Errors: BUS_UNAVAILABLE, INDEX_UNAVAILABLE, SERVICE_UNAVAILABLE, CONFIG_INVALID for a folder in use,
 * CANCELLED; then nothing is left running.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const dir = resolve(options.dir);
  await using stack = new AsyncDisposableStack();
  stack.use(claimFolder(dir));
  await Promise.all(['logs', 'keys', 'media'].map((name) => mkdir(join(dir, name), FOLDER)));
  const unsealKeyFile = join(dir, 'keys/unseal.key');
  await createUnsealKeyFile(unsealKeyFile).catch((error: unknown) => {
    if (!hasCode(error, 'OBJECT_EXISTS')) throw error;
  });

  const connections = stack.use(await openConnections({ ...options, dir }));
  const ticketIssuer = await ensureTicketIssuer(join(dir, 'keys'));

  const log = options.log ?? (() => {});
  const servicesDir = options.servicesDir ?? join(WORKSPACE, 'services');
  const pages = options.withConsole === true ? pagesOf(servicesDir, options) : undefined;
  const env = { ...process.env, ...urlVariables(options) };
  const [nats, redis] = await allOrNothing(stack, [
    startNats({ dir: join(dir, 'nats'), env, log, tls: connections.serverTls('nats') }),
    startRedis({
      ...{ dir: join(dir, 'redis'), env, log },
      tls: connections.serverTls('redis'),
      passwords: connections.redisPasswords,
    }),
  ]);

  if (nats.pid !== undefined) await makeStreams(nats.url, connections);

  const start = async (name: AnyService, variables: NodeJS.ProcessEnv): Promise<ServiceProcess> => {
    const service = await startService({
      name,
      main: join(servicesDir, name, 'main.ts'),
      env: {
        ...baseEnvironment(nats.url),
        ...tlsVariables(connections.filesOf(name)),
        ...variables,
        ...options.env?.[name],
      },
      logFile: join(dir, 'logs', `${name}.log`),
      ...(options.onUnexpectedExit === undefined ? {} : { onUnexpectedExit: options.onUnexpectedExit }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    log(`${name} on ${service.address} (pid ${service.pid})`);
    return service;
  };

  const mediaStore = { SEALTRACK_MEDIA_STORE: pathToFileURL(join(dir, 'media')).href };
  const metadata = stack.use(
    await start('metadata-processor', redisVariables('metadata-processor', redis, connections)),
  );
  const cryptoServer = stack.use(
    await start('crypto-server', {
      ...CRYPTO_THREADS,
      ...mediaStore,
      ...redisVariables('crypto-server', redis, connections),
      SEALTRACK_UNSEAL_KEY_FILE: unsealKeyFile,
      SEALTRACK_BACKUP_DIR: join(dir, 'key-backups'),
      SEALTRACK_METADATA_ADDRESS: metadata.address,
      SEALTRACK_TICKET_ISSUERS: ticketIssuer.issuersFile,
    }),
  );
  // None of these needs another.
  const [profiles, encryptor, playback] = await allOrNothing(stack, [
    start('profile-config', { SEALTRACK_CRYPTO_ADDRESS: cryptoServer.address }),
    start('media-encryptor', {
      ...CRYPTO_THREADS,
      ...mediaStore,
      SEALTRACK_CRYPTO_ADDRESS: cryptoServer.address,
      SEALTRACK_STATE_DIR: join(dir, 'state'),
    }),
    start('playback', { SEALTRACK_CRYPTO_ADDRESSES: cryptoServer.address }),
  ]);

  const addresses = {
    ingest: encryptor.address,
    recordings: metadata.address,
    crypto: cryptoServer.address,
    profiles: profiles.address,
    playback: playback.address,
  };
  await pages;
  const people = pages && (await startConsole({ ...{ dir, redis, connections, addresses }, start }));
  if (people !== undefined) stack.use(people.service);

  const owned = stack.move();
  return {
    addresses,
    console: people,
    consoleUrl: people?.url,
    playbackUrl: `${connections.filesOf('playback') === undefined ? 'http' : 'https'}://${playback.address}`,
    ticketIssuer,
    natsUrl: nats.url,
    redisUrl: redis.url,
    connections,
    nats,
    redis,
    services: {
      'metadata-processor': metadata,
      'crypto-server': cryptoServer,
      'profile-config': profiles,
      'media-encryptor': encryptor,
      playback,
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Built while everything else starts; what it fails with is for whoever waits for it. */
function pagesOf(servicesDir: string, { log, signal }: SystemOptions): Promise<void> {
  const built = buildConsole({ dir: join(servicesDir, 'console'), ...(log && { log }), signal });
  built.catch(() => {});
  return built;
}

/** Each service makes its own streams and waits for those of the others: a new system need not wait. */
async function makeStreams(url: string, connections: Connections): Promise<void> {
  const transport = await connections.transportOf('administrator');
  await using bus = await connectBus({ transport, url, name: 'sealtrack-launcher' });
  await ensureStreams(bus);
}

const FOLDER = { recursive: true, mode: 0o700 } as const;

const urlVariables = ({ nats, redis }: SystemOptions): NodeJS.ProcessEnv => ({
  ...(nats === undefined ? {} : { SEALTRACK_NATS_URL: nats }),
  ...(redis === undefined ? {} : { SEALTRACK_REDIS_URL: redis }),
});

/** The caller's environment without what is meant for the caller: services refuse variables that they do not know. */
function baseEnvironment(natsUrl: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SEALTRACK_'));
  return {
    ...Object.fromEntries(inherited),
    SEALTRACK_NATS_URL: natsUrl,
    SEALTRACK_LOG_LEVEL: process.env.SEALTRACK_LOG_LEVEL ?? 'info',
  };
}

/** All of them, owned by the stack; if one fails, the others are owned all the same before the failure goes on. */
async function allOrNothing<T extends readonly Promise<AsyncDisposable>[]>(
  stack: AsyncDisposableStack,
  starting: readonly [...T],
): Promise<{ [Key in keyof T]: Awaited<T[Key]> }> {
  for (const result of await Promise.allSettled(starting))
    if (result.status === 'fulfilled') stack.use(result.value);
  return Promise.all(starting);
}
