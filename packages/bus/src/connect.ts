import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { AppError } from '@sealtrack/errors/app-error';
import type { Transport } from '@sealtrack/tls/tls';
import { type Bus, type BusLink, type BusLog, SILENT } from './bus.ts';
import { followStatus } from './follow-status.ts';
import { type Dialling, openConnection, prepareDialling } from './open-connection.ts';
import { pause, within } from './wait.ts';

export interface ConnectOptions {
  /**
   * One or several comma-separated URLs, such as nats://127.0.0.1:4222. With TLS the certificate of each server has to be
   * for the name or address it is reached by here.
   */
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
const BETWEEN_TRIES_MS = 250;

/** Connects, and reconnects for ever after. Errors: BUS_UNAVAILABLE when the first connection fails, CANCELLED. */
export async function connectBus(options: ConnectOptions): Promise<Bus> {
  const log = options.log ?? SILENT;
  const dialling = prepareDialling(options);
  const { address, inboxPrefix } = dialling;
  const connection = await firstConnection(options, dialling, log);
  const listeners = new Set<(connected: boolean) => void>();
  let connected = true;
  void followStatus(connection, dialling, log, (now) => {
    connected = now;
    for (const listener of [...listeners]) listener(now);
  });
  // Checking the API here would fail a process whose broker is still recovering its streams.
  const link: BusLink = {
    address,
    inboxPrefix,
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
  { name, waitOnFirstConnect = false, signal }: ConnectOptions,
  dialling: Dialling,
  log: BusLog,
): Promise<NatsConnection> {
  for (let said = ''; ; ) {
    if (signal?.aborted) throw notWaitedFor(dialling.address);
    try {
      return await unlessAborted(openConnection(name, dialling), signal);
    } catch (error) {
      if (signal?.aborted) throw notWaitedFor(dialling.address);
      if (!waitOnFirstConnect || !(error instanceof AppError)) throw error;
      if (said !== error.message) log.warn({ err: error, fix: error.fix }, 'Waiting for the bus');
      said = error.message;
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
