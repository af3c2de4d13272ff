import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from './logger.ts';

export interface MetricsServerOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
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

/** Serves `GET /metrics` and nothing else. Throws CONFIG_INVALID when it cannot listen. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { timeoutMs = 5_000 } = options;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: timeoutMs,
      connectionsCheckingInterval: timeoutMs,
    },
    (request, response) => void answer(options, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const address = await listen(server, options.listen);
  // Nobody is served while there are no more file descriptors; a service does not end for that.
  server.on('error', (err) => options.log.warn({ err }, 'a connection for metrics was not accepted'));
  return {
    address,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
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
