import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { AppError } from '@sealtrack/errors/app-error';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import type { Log } from './logger.ts';

export interface MetricsServerOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  readonly transport: Transport;
  readonly contentType: string;
  readonly render: () => Promise<string>;
  readonly log: Log;
  /** What a client may take for its request, from the moment it connects; 5 s unless told. */
  readonly timeoutMs?: number;
}

export interface MetricsServer extends AsyncDisposable {
  readonly address: string;
}

/** Prometheus takes one; more are people who look. */
const MAX_CONNECTIONS = 32;
const MAX_HEADER_BYTES = 8 * 1024;

/**
 * Serves `GET /metrics` and nothing else: over HTTPS, to whom the transport believes, or over HTTP in the clear. Throws
 * CONFIG_INVALID when it cannot listen.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { timeoutMs = 5_000 } = options;
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: timeoutMs,
  };
  const server = serverFor(
    options.transport,
    limits,
    timeoutMs,
    (request, response) => void answer(options, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const address = await listen(server, options.listen);
  // Nobody is served while there are no more file descriptors; a service does not end for that.
  server.on('error', (err) => options.log.warn({ err }, 'a connection for metrics was not accepted'));
  return {
    address,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      // With them those that are still in their handshake, which the server of HTTP does not know yet.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

function serverFor(transport: Transport, limits: ServerOptions, timeoutMs: number, answer: Answer): Server {
  if (transport === PLAINTEXT) return createServer(limits, answer);
  const server = createTlsServer({ ...transport.server(), ...limits, handshakeTimeout: timeoutMs }, answer);
  transport.guard(server);
  return server;
}

async function answer(
  { render, contentType, log }: MetricsServerOptions,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (status: number, text: string, headers: Record<string, string> = {}) => {
    // A body that came with the request is never read, so the connection is of no more use.
    response.writeHead(status, { connection: 'close', 'content-type': 'text/plain', ...headers }).end(text);
  };
  if (url?.split('?')[0] !== '/metrics') return say(404, 'Only /metrics is here\n');
  if (method !== 'GET') return say(405, 'Only GET is served\n', { allow: 'GET' });
  try {
    say(200, await render(), { 'content-type': contentType, 'cache-control': 'no-store' });
  } catch (err) {
    log.error({ err }, 'could not read the metrics');
    say(500, 'The metrics cannot be read: see the log\n');
  }
}

async function listen(server: Server, address: string): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  try {
    server.listen({ host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(colon + 1)) });
    await once(server, 'listening');
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `Cannot serve metrics on ${address}`, {
      fix: 'Set SEALTRACK_METRICS_LISTEN to an address of this machine and a port that nothing else uses, or to nothing.',
      details: { listen: address },
      cause,
    });
  }
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? address : `${host}:${bound.port}`;
}
