import type { ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { AppError } from '@sealtrack/errors/app-error';
import type { ConnectionProblem } from '@sealtrack/tls/connection-problem';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import type { ConnectOptions } from './connect.ts';
import { hostsOf, inboxPrefix, natsTlsOptions } from './tls-options.ts';
import { pause } from './wait.ts';
import { whyUnreachable } from './why-unreachable.ts';

/** Two unanswered pings of this interval are a dead connection: half-open sockets are noticed in half a minute. */
const PING_MS = 10_000;
const TIMEOUT_MS = 5_000;
/** A connection that is made takes less than this. */
const SLOW_MS = 500;
export const USUAL_INBOX = '_INBOX';

/** What is the same for every try, and every reconnect. */
export interface Dialling {
  /** Without credentials, for errors and logs. */
  readonly address: string;
  readonly servers: readonly string[];
  readonly tls: TlsConnectionOptions | undefined;
  /** Where this connection hears answers: nobody else may listen there. */
  readonly inboxPrefix: string;
}

const withoutCredentials = (url: string): string => url.replaceAll(/\/\/[^/@,]*@/g, '//');

export function prepareDialling({ url, transport, name }: ConnectOptions): Dialling {
  const servers = url.split(',').map((each) => each.trim());
  const address = withoutCredentials(url);
  if (transport === PLAINTEXT) return { address, servers, tls: undefined, inboxPrefix: USUAL_INBOX };
  const tls = natsTlsOptions(transport, hostsOf(servers));
  return { address, servers, tls, inboxPrefix: inboxPrefix(tls, name) };
}

/** One try. Errors: BUS_UNAVAILABLE, which says why where it is known. */
export async function openConnection(name: string, dialling: Dialling): Promise<NatsConnection> {
  const { servers, tls, inboxPrefix } = dialling;
  const done = new AbortController();
  const connecting = connect({
    servers: [...servers],
    name,
    inboxPrefix,
    // Null: never TLS with whatever the client itself would believe.
    tls: (tls ?? null) as NodeConnectionOptions['tls'] & object,
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
  try {
    return await Promise.race([connecting, refusal(dialling, done.signal)]);
  } catch (cause) {
    connecting.then((late) => late.close()).catch(() => {});
    throw cause instanceof AppError ? cause : await unreachable(dialling, cause);
  } finally {
    done.abort();
  }
}

/** Rejects once the servers say why they let nobody in: long before the client, which waits until its time is up. */
async function refusal(dialling: Dialling, signal: AbortSignal): Promise<never> {
  if (await pause(SLOW_MS, signal)) {
    const why = await whyUnreachable(dialling.servers, dialling.tls);
    if (why !== undefined && !signal.aborted) throw unavailable(dialling.address, why, undefined);
  }
  return new Promise<never>(() => {});
}

/** What is known of why there is no connection now. */
export async function unreachable({ address, servers, tls }: Dialling, cause?: unknown): Promise<AppError> {
  return unavailable(address, (await whyUnreachable(servers, tls)) ?? NOBODY, cause);
}

const NOBODY: ConnectionProblem = {
  problem: 'cannot be reached',
  fix: 'Start nats-server with JetStream there, or give the right address and credentials.',
};

const unavailable = (address: string, { problem, fix }: ConnectionProblem, cause: unknown): AppError =>
  new AppError('BUS_UNAVAILABLE', `The bus at ${address} ${problem}`, { fix, details: { address }, cause });
