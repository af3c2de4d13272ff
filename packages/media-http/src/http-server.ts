import { once } from 'node:events';
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { limitConnections } from './connection-limit.ts';
import type { Proxies } from './proxies.ts';

export interface HttpServerOptions {
  readonly transport: Transport;
  readonly proxies: Proxies;
  readonly maxConnections: number;
  readonly connectionsPerAddress: number;
  readonly log: Log;
  /** How long responses may take to finish after close(); 20 s unless told. */
  readonly graceMs?: number;
  /** What a client may take for a request, its body too; 10 s unless told. */
  readonly requestMs?: number;
}

export interface HttpServer extends AsyncDisposable {
  /** As the serverFactory of a framework has to give it. */
  readonly server: Server;
  /** @param address host:port; port 0 takes a free one. Resolves to where it listens. @throws AppError CONFIG_INVALID when it cannot. */
  listen(address: string): Promise<string>;
  /** Takes no new connections, lets responses finish, and ends after the grace what is left. */
  close(): Promise<void>;
}

/** A ticket has at most 4 KiB. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
/** Longer than browsers pause between two ranges, and shorter than most proxies keep their connections. */
const KEEP_ALIVE_MS = 30_000;
/** For a client to take what it is told last. */
const LINGER_MS = 1_000;

/** A server with limits, over HTTPS where the transport is TLS. It does not listen yet. */
export function createHttpServer(options: HttpServerOptions, answer: RequestListener): HttpServer {
  const { transport, log, graceMs = 20_000, requestMs = 10_000 } = options;
  const limits: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(requestMs, 2_000),
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  let closing = false;
  const busy = new Set<ServerResponse>();
  const server = serverFor(transport, limits, (request, response) => {
    busy.add(response);
    response.once('close', () => {
      busy.delete(response);
      if (closing) request.socket.destroySoon();
    });
    answer(request, response);
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = options.maxConnections;
  const sockets = limitConnections(server, options.connectionsPerAddress, options.proxies);
  // The error has what was sent in it, and that may be a ticket.
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    log.debug({ code }, 'a request could not be read');
    const status = STATUSES[code ?? ''] ?? '400 Bad Request';
    // What is said in the middle of a response would be taken for a part of the recording.
    const isAnswering = [...busy].some(({ req }) => req.socket === socket);
    if (!socket.writable || isAnswering) return void socket.destroy();
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    // Whoever does not close his side keeps the connection otherwise, for ever.
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });

  const close = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    // Browsers open some ahead, and say nothing on them. Below TLS is another socket, with the same other end.
    const ends = new Set([...busy].map(({ req }) => endOf(req.socket)));
    for (const socket of sockets) if (!ends.has(endOf(socket))) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  };
  return {
    server,
    async listen(wanted) {
      const address = await listen(server, wanted);
      server.on('error', (err) => log.warn({ err }, 'a connection was not accepted'));
      return address;
    },
    ...{ close, [Symbol.asyncDispose]: close },
  };
}

const endOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

function serverFor(transport: Transport, limits: ServerOptions, listener: RequestListener): Server {
  if (transport === PLAINTEXT) return createServer(limits, listener);
  const server = createTlsServer({ ...transport.server(), ...limits }, listener);
  transport.guard(server);
  return server;
}

async function listen(server: Server, address: string): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  try {
    server.listen({ host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(colon + 1)) });
    await once(server, 'listening');
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `Cannot listen on ${address}`, {
      fix: 'Choose an address of this machine and a port that nothing else uses; port 0 takes a free one.',
      details: { listen: address },
      cause,
    });
  }
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? address : `${host}:${bound.port}`;
}
