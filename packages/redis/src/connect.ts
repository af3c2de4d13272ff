import type { Transport } from '@sealtrack/tls/tls';
import { Redis } from 'ioredis';
import { logChanges, type RedisLog } from './log-changes.ts';
import { type Lent, type RedisAddress, readAddress } from './redis-address.ts';

export type RedisClient = Redis;

export interface RedisConnectionOptions {
  /** `rediss://` with TLS and `redis://` without; the user in it, where Redis has users, and the password unless it is below. */
  readonly url: string;
  readonly transport: Transport;
  /** Of the user; read once, so that another one takes a new connection. */
  readonly password?: Lent | undefined;
  /** What `CLIENT LIST` shows this connection as. */
  readonly name: string;
  readonly log?: RedisLog | undefined;
  /** A command without an answer for so long fails, and so does an attempt to connect. Default 5,000. */
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
const MAX_RETRY_DELAY_MS = 1_000;
const QUIT_TIMEOUT_MS = 1_000;

/**
 * The one way to connect to Redis. It connects at the first command (or `ready()`), and again for ever. A command is
 * sent once at most: when the connection is lost, or there is none, it fails at once, and whether it was carried out
 * is then unknown. See is-unavailable.ts for telling such failures from others.
 * @throws AppError CONFIG_INVALID for a URL that is none of Redis, or not for this transport.
 */
export function connectRedis(options: RedisConnectionOptions): RedisConnection {
  const address = readAddress(options);
  const client = new Redis(settings(options, address));
  logChanges(client, { redis: address.shown, connection: options.name }, options.log);
  return {
    client,
    ready: (signal) => ready(client, signal),
    another: (name) => connectRedis({ ...options, name }),
    [Symbol.asyncDispose]: () => close(client),
  };
}

const settings = (
  { name, commandTimeoutMs = COMMAND_TIMEOUT_MS }: RedisConnectionOptions,
  { shown: _, ...address }: RedisAddress,
) => ({
  ...address,
  connectionName: name,
  // Redis before 7.2 does not know it, and rules that allow it would not load there.
  disableClientInfo: true,
  lazyConnect: true,
  connectTimeout: commandTimeoutMs,
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
