import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { AppError } from '@sealtrack/errors/app-error';
import type { Transport } from '@sealtrack/tls/tls';
import { type Bus, type BusLink, type BusLog, SILENT } from './bus.ts';
import { pause, within } from './wait.ts';

export interface ConnectOptions {
  /** One or several comma-separated URLs, such as nats://127.0.0.1:4222. */
  readonly url: string;
  readonly transport: Transport;
  /** Who is connecting, for the broker's own pages. */
  readonly name: string;
  /** Wait for a broker that is not there yet, instead of failing. */
  readonly waitOnFirstConnect?: boolean;
  /** Gives up waiting, with CANCELLED. */
  readonly signal?: AbortSignal;
  readonly log?: BusLog;
}

/** What a drain may take before the connection is simply closed. */
const DRAIN_MS = 5_000;
/** Two unanswered pings of this interval are a dead connection: half-open sockets are noticed in half a minute. */
const PING_MS = 10_000;
const BETWEEN_TRIES_MS = 250;
const TIMEOUT_MS = 5_000;

const withoutCredentials = (url: string): string => url.replaceAll(/\/\/[^/@,]*@/g, '//');

/** Connects, and reconnects for ever after. Errors: BUS_UNAVAILABLE when the first connection fails, CANCELLED. */
export async function connectBus(options: ConnectOptions): Promise<Bus> {
  const log = options.log ?? SILENT;
  const address = withoutCredentials(options.url);
  const connection = await firstConnection(options, address, log);
  const listeners = new Set<(connected: boolean) => void>();
  let connected = true;
  void followStatus(connection, log, (now) => {
    connected = now;
    for (const listener of [...listeners]) listener(now);
  });
  // Checking the API here would fail a process whose broker is still recovering its streams.
  const link: BusLink = {
    address,
    connection,
    jetstream: jetstream(connection),
    manager: await jetstreamManager(connection, { checkAPI: false }),
    log,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    link,
    connected: () => connected && !connection.isClosed(),
    [Symbol.asyncDispose]: async () => {
      if (connection.isClosed()) return;
      // A drain waits for the broker; without one there is nobody to wait for.
      if (connected) await within(DRAIN_MS, connection.drain()).catch(() => {});
      await connection.close();
    },
  };
}

/** Tries itself, since the client's own waiting for a first connection cannot be ended. */
async function firstConnection(
  options: ConnectOptions,
  address: string,
  log: BusLog,
): Promise<NatsConnection> {
  const { waitOnFirstConnect = false, signal } = options;
  for (let isFirst = true; ; isFirst = false) {
    if (signal?.aborted) throw notWaitedFor(address);
    try {
      return await unlessAborted(open(options, address), signal);
    } catch (error) {
      if (signal?.aborted) throw notWaitedFor(address);
      if (!waitOnFirstConnect) throw error;
      if (isFirst) log.warn({ err: error }, 'Waiting for the bus');
      await pause(BETWEEN_TRIES_MS, signal);
    }
  }
}

/** A connection that comes after nobody waits for it any more is closed. */
async function unlessAborted(
  opening: Promise<NatsConnection>,
  signal: AbortSignal | undefined,
): Promise<NatsConnection> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    opening.then((late) => late.close()).catch(() => {});
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

const notWaitedFor = (address: string): AppError =>
  new AppError('CANCELLED', `The bus at ${address} was not waited for`, {
    fix: 'Nothing is needed: this process was asked to stop.',
  });

async function open(options: ConnectOptions, address: string): Promise<NatsConnection> {
  try {
    return await connect({
      servers: options.url.split(',').map((url) => url.trim()),
      name: options.name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      // Credentials are rotated under running services: a refusal may be the last moment of the old ones.
      ignoreAuthErrorAbort: true,
      pingInterval: PING_MS,
      timeout: TIMEOUT_MS,
      // A stack trace a request costs more than the request.
      noAsyncTraces: true,
    });
  } catch (cause) {
    throw new AppError('BUS_UNAVAILABLE', `The bus at ${address} cannot be reached`, {
      fix: `Start nats-server with JetStream there, or give the right address and credentials.`,
      details: { address },
      cause,
    });
  }
}

async function followStatus(
  connection: NatsConnection,
  log: BusLog,
  change: (connected: boolean) => void,
): Promise<void> {
  for await (const status of connection.status()) {
    switch (status.type) {
      case 'disconnect':
        log.warn({ server: status.server }, 'The bus is gone; reconnecting');
        change(false);
        break;
      case 'reconnect':
        log.info({ server: status.server }, 'The bus is back');
        change(true);
        break;
      case 'error':
        log.warn({ err: status.error }, 'The bus reported an error');
        break;
    }
  }
  change(false);
}
