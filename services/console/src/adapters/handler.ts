import type { RpcCallOptions } from '@sealtrack/rpc/client';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Route } from '../api/routes.ts';
import type { Person } from '../person.ts';

/** A request whose caller was found out and may make it. */
export interface Asked {
  readonly request: FastifyRequest;
  /** Fires when the browser goes away, when the session or the right ends, and for what only reads when the console shuts down. */
  readonly signal: AbortSignal;
  /** Address of whoever asks, for audit records; empty when a proxy does not say it. */
  readonly client: string;
  /** W3C trace context of this request, for whatever is done for it. */
  readonly traceparent: string;
}

export interface AskedByPerson extends Asked {
  readonly person: Person;
}

/** Resolves to what is sent as JSON with 200, or to the reply where it has seen to that itself. Fails with an AppError. */
export type Handler = (asked: AskedByPerson, reply: FastifyReply) => Promise<unknown>;

/** Of a route for anybody: nobody may be signed in. */
export type OpenHandler = (
  asked: Asked & { readonly person: Person | undefined },
  reply: FastifyReply,
) => Promise<unknown>;

type OpenRoute =
  | 'GET /session'
  | 'POST /session'
  | 'POST /setup'
  | 'POST /invitation'
  | 'GET /oidc/start'
  | 'GET /oidc/callback';

/** A group of routes; all groups together have every route. */
export type Handlers = { readonly [R in Route]?: R extends OpenRoute ? OpenHandler : Handler };

/** What every call to another service is given, so that it is made on the person's behalf. */
export const forPerson = ({
  person,
  signal,
  traceparent,
}: AskedByPerson): RpcCallOptions & { signal: AbortSignal; onBehalfOf: readonly string[] } => ({
  signal,
  traceparent,
  onBehalfOf: person.names,
});
