import type { Log } from '@sealtrack/service-kit/logger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { shownError } from './answer-problem.ts';

export interface RequestLogDeps {
  readonly log: Log;
  readonly clientOf: (request: FastifyRequest) => string;
  readonly traceparentOf: (request: FastifyRequest) => string;
  /** What a request failed with. */
  readonly failureOf: (request: FastifyRequest) => unknown;
}

/**
 * A line for each request to the API: the route, never the address as it was sent, in which there may be what somebody searched for, or
 * the code of an identity provider. Files of the pages, and /healthz, are for developers only.
 */
export function logRequests(app: FastifyInstance, deps: RequestLogDeps): void {
  const { log } = deps;
  app.addHook('onResponse', async (request, reply) => {
    const { method, params } = request;
    const { url: route } = request.routeOptions;
    const fields = {
      ...{ method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      ...tenantOf(params),
      ...{ client: deps.clientOf(request), traceparent: deps.traceparentOf(request) },
    };
    const failure = deps.failureOf(request);
    if (failure === undefined && route?.startsWith('/api/') !== true) return log.debug(fields, 'http');
    if (failure === undefined) return log.info(fields, 'http');
    const { code } = shownError(failure).error;
    if (reply.statusCode >= 500) log.warn({ ...fields, code, err: failure }, 'http failed');
    else log.info({ ...fields, code }, 'http');
  });
}

const tenantOf = (params: unknown): object =>
  typeof params === 'object' && params !== null && 'tenant' in params ? { tenant: params.tenant } : {};
