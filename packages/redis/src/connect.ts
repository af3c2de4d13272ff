import { AppError } from '@sealtrack/errors/app-error';
import type { Transport } from '@sealtrack/tls/tls';
import { Redis } from 'ioredis';

export type RedisClient = Redis;

/** What is needed of a logger; pino is one. */
export interface RedisLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`, with user and password in it where Redis asks for them. */
  readonly url: string;
  readonly transport: Transport;
  /** What `CLIENT LIST` shows this connection as. */
  readonly name: string;
  readonly log?: RedisLog | undefined;
  /** A command without an answer for so long fails. Default 5,000. */
  readonly commandTimeoutMs?: number | undefined;
}

export interface RedisConnection extends AsyncDisposable {
  readonly client: RedisClient;
  /** Resolves when Redis answers and has loaded its data; waits for it as long as it takes, or until `signal`. */
  ready(signal?: AbortSignal): Promise<void>;
  /** One more connection to the same Redis, for the caller to dispose. */
  another(name: string): RedisConnection;
}

const COMMAND_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_RETRY_DELAY_MS = 1_000;
const QUIT_TIMEOUT_MS = 1_000;

/**
 * The one way to connect to Redis. It connects at the first command (or `ready()`), and again for ever. A command is
 * sent once at most: when the connection is lost, or there is none, it fails at once, and whether it was carried out
 * is then unknown. See is-unavailable.ts for telling such failures from others.
 * @throws AppError CONFIG_INVALID for a URL that is none of Redis.
 */
export function connectRedis(options: RedisConnectionOptions): RedisConnection {
  const url = parseUrl(options.url);
  const client = new Redis(options.url, settings(options));
  logChanges(client, { redis: url.host, connection: options.name }, options.log);
  return {
    client,
    ready: (signal) => ready(client, signal),
    another: (name) => connectRedis({ ...options, name }),
    [Symbol.asyncDispose]: () => close(client),
  };
}

const settings = ({ name, commandTimeoutMs = COMMAND_TIMEOUT_MS }: RedisConnectionOptions) => ({
  connectionName: name,
  lazyConnect: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  commandTimeout: commandTimeoutMs,
  // A server that is stopped, or behind a cut cable, keeps its connection: give it up after the same time.
  socketTimeout: commandTimeoutMs,
  retryStrategy: (attempt: number) =>
    Math.min(25 * 2 ** Math.min(attempt, 10), MAX_RETRY_DELAY_MS) * (0.5 + Math.random() / 2),
  // 0: what waits for an answer fails when the connection closes. Sent again, a script could run twice.
  maxRetriesPerRequest: 0,
  // After a failover the old connection may lead to what is a replica now.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  enableReadyCheck: true,
});

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '') return url;
  // The URL may hold a password, so it is not repeated.
  throw new AppError('CONFIG_INVALID', 'The URL of Redis is malformed', {
    fix: 'Give a URL such as redis://127.0.0.1:6379 or rediss://user:password@redis.example:6379.',
  });
}

/** One line for each way in which Redis is not reachable, however often it is tried, and one when it is back. */
function logChanges(client: Redis, facts: object, log: RedisLog | undefined): void {
  let said: string | undefined;
  // Without a listener ioredis prints the error itself.
  client.on('error', (error: Error) => {
    if (said === error.message) return;
    said = error.message;
    log?.warn({ ...facts, err: error }, 'Redis is not reachable; trying again');
  });
  client.on('ready', () => {
    said = undefined;
    log?.info(facts, 'connected to Redis');
  });
}

async function ready(client: Redis, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (client.status === 'ready') return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onEnd = () => reject(new Error('The connection to Redis was closed'));
  const onAbort = () => reject(signal?.reason);
  client.once('ready', resolve);
  client.once('end', onEnd);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    // Rejects when the first attempt fails; the ones after it are ioredis' own.
    if (client.status === 'wait') client.connect().catch(() => undefined);
    if (client.status === 'end') onEnd();
    await promise;
  } finally {
    client.off('ready', resolve);
    client.off('end', onEnd);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function close(client: Redis): Promise<void> {
  if (client.status === 'ready') {
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, QUIT_TIMEOUT_MS).unref());
    // QUIT is answered after the commands before it, so what is in flight still gets its answer.
    await Promise.race([client.quit().catch(() => undefined), timeout]);
  }
  client.disconnect();
}
