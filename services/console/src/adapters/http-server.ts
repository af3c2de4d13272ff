import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import type { Access } from '@sealtrack/access/access';
import { createHttpServer, type HttpServer } from '@sealtrack/media-http/http-server';
import type { Proxies } from '@sealtrack/media-http/proxies';
import type { Log } from '@sealtrack/service-kit/logger';
import { continueTrace } from '@sealtrack/service-kit/trace';
import type { Transport } from '@sealtrack/tls/tls';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { securityHeaders } from '../domain/security-headers.ts';
import type { HealthView, OpenSession } from '../ports.ts';
import { createAdmit } from './admit.ts';
import { answerProblem } from './answer-problem.ts';
import type { Handlers } from './handler.ts';
import { registerRoutes } from './register-routes.ts';
import { logRequests } from './request-log.ts';
import { serveStaticFiles } from './static-files.ts';

export interface ConsoleServerOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  readonly transport: Transport;
  readonly proxies: Proxies;
  readonly proxyHeader: 'x-forwarded-for' | 'forwarded';
  readonly maxConnections: number;
  readonly connectionsPerAddress: number;
  /** Where browsers find the console: https://console.example; undefined when it is where it listens. */
  readonly origin: string | undefined;
  readonly isHttps: boolean;
  readonly staticDir: string;
  readonly access: Access;
  readonly findSession: (token: string, isActivity: boolean) => Promise<OpenSession | undefined>;
  readonly health: HealthView;
  readonly groups: readonly Handlers[];
  readonly log: Log;
}

export interface ConsoleServer extends AsyncDisposable {
  /** host:port. */
  readonly address: string;
  /** Ends what only reads, lets what changes something finish, and takes nothing more. */
  close(): Promise<void>;
}

const JSON_BYTES = 64 * 1024;
/** The largest id and file name of an address. */
const PARAMETER_LENGTH = 512;
/** Of a request with a file, over a slow line. */
const REQUEST_MS = 30_000;
/** Of each file; those are certificates and keys. */
const FILE_BYTES = 256 * 1024;

/** Serves the API and the pages. @throws AppError CONFIG_INVALID when it cannot listen. */
export async function startConsoleServer(options: ConsoleServerOptions): Promise<ConsoleServer> {
  const { log, transport, proxies, maxConnections, connectionsPerAddress, access, findSession } = options;
  const closing = new AbortController();
  const headers = new Map(Object.entries(securityHeaders(options.isHttps)));
  let http: HttpServer | undefined;
  const app = fastify({
    ...{ bodyLimit: JSON_BYTES, exposeHeadRoutes: false },
    routerOptions: { maxParamLength: PARAMETER_LENGTH },
    serverFactory: (handle) => {
      http = createHttpServer(
        { ...{ transport, proxies, maxConnections, connectionsPerAddress, log }, requestMs: REQUEST_MS },
        (request, response) => {
          // So that they are on whatever is answered, by whatever way.
          response.setHeaders(headers);
          handle(request, response);
        },
      );
      return http.server;
    },
  });
  const clientOf = (request: FastifyRequest): string => {
    const forwarded = request.headers[options.proxyHeader];
    const header = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
    return proxies.clientOf(request.socket.remoteAddress ?? '', header);
  };
  const traceparentOf = createTraces();
  const failures = new WeakMap<FastifyRequest, unknown>();
  logRequests(app, { log, clientOf, traceparentOf, failureOf: (request) => failures.get(request) });
  app.setErrorHandler((error, request, reply) => {
    failures.set(request, error);
    answerProblem(reply, error, { health: options.health, traceparent: traceparentOf(request) });
  });
  await app.register(cookie);
  await app.register(multipart, { limits: { fileSize: FILE_BYTES, files: 4, fields: 8, fieldSize: 4_096 } });
  app.get('/healthz', async (_, reply) => {
    const isServing = !closing.signal.aborted;
    return reply
      .code(isServing ? 200 : 503)
      .type('text/plain')
      .send(isServing ? 'serving\n' : 'stopping\n');
  });
  registerRoutes(app, options.groups, {
    admit: createAdmit({ access, findSession, origin: options.origin }),
    ...{ access, findSession, clientOf, traceparentOf, closing: closing.signal, log },
  });
  await serveStaticFiles(app, options.staticDir);
  return listening(app, http, options.listen, closing);
}

async function listening(
  app: FastifyInstance,
  http: HttpServer | undefined,
  address: string,
  closing: AbortController,
): Promise<ConsoleServer> {
  if (http === undefined) throw new Error('fastify made no server');
  await app.ready();
  const server = http;
  const close = async () => {
    closing.abort();
    await server.close();
    await app.close();
  };
  return { address: await server.listen(address), close, [Symbol.asyncDispose]: close };
}

/** The trace context of each request: a further step of the caller's trace, or the first of a new one. */
function createTraces(): (request: FastifyRequest) => string {
  const traces = new WeakMap<FastifyRequest, string>();
  return (request) => {
    const known = traces.get(request) ?? continueTrace(request.headers.traceparent?.toString());
    traces.set(request, known);
    return known;
  };
}
