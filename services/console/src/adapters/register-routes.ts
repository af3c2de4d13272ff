import type { Access } from '@sealtrack/access/access';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Needed, ROUTES, type Route } from '../api/routes.ts';
import type { Person } from '../person.ts';
import type { OpenSession } from '../ports.ts';
import { type Admit, authorise } from './admit.ts';
import type { AskedByPerson, Handlers } from './handler.ts';
import { sessionTokenOf } from './session-cookie.ts';

export interface RoutesDeps {
  readonly admit: Admit;
  readonly access: Access;
  /** As that of admit. */
  readonly findSession: (token: string, isActivity: boolean) => Promise<OpenSession | undefined>;
  readonly clientOf: (request: FastifyRequest) => string;
  readonly traceparentOf: (request: FastifyRequest) => string;
  /** That the console shuts down. */
  readonly closing: AbortSignal;
  readonly log: Log;
}

const PREFIX = '/api/v1';
/** Players ask what there is before they ask for it. */
const HEAD_TOO: readonly Route[] = ['GET /tenants/:tenant/recordings/:recording/media/:media'];
/** How long somebody may still be told what is new after his session or his right has ended. */
const CHECK_MS = 5_000;

type AnyHandler = (asked: AskedByPerson, reply: FastifyReply) => Promise<unknown>;

/** Registers every route of the API. @throws Error when two groups have the same, or one has what is no route. */
export function registerRoutes(app: FastifyInstance, groups: readonly Handlers[], deps: RoutesDeps): void {
  const handlers = handlersOf(groups);
  for (const [route, needed] of Object.entries(ROUTES) as [Route, Needed][]) {
    const [method = '', path = ''] = route.split(' ');
    const handle = handlers.get(route) ?? notThereYet;
    const people = new WeakMap<FastifyRequest, Person>();
    app.route({
      ...{ method: HEAD_TOO.includes(route) ? [method, 'HEAD'] : method, url: `${PREFIX}${path}` },
      // Before the body is read: nobody is sent one for nothing, and nobody sends one who may not.
      async onRequest(request) {
        const person = await deps.admit(request, needed);
        if (person !== undefined) people.set(request, person);
      },
      async handler(request, reply) {
        const person = people.get(request);
        const asked = {
          request,
          signal: signalOf(request, reply, person, needed, deps),
          traceparent: deps.traceparentOf(request),
          client: deps.clientOf(request),
        };
        // Nobody is there only where the route is for anybody, whose handlers know.
        return handle({ ...asked, person } as AskedByPerson, reply);
      },
    });
  }
}

/** Routes that no group has; they are answered as if they were none. */
export function missingRoutes(groups: readonly Handlers[]): readonly string[] {
  const handlers = handlersOf(groups);
  return Object.keys(ROUTES).filter((route) => !handlers.has(route));
}

function handlersOf(groups: readonly Handlers[]): ReadonlyMap<string, AnyHandler> {
  const handlers = new Map<string, AnyHandler>();
  for (const [route, handler] of groups.flatMap((group) => Object.entries(group))) {
    if (!Object.hasOwn(ROUTES, route)) throw new Error(`${route} is no route of the console`);
    if (handlers.has(route)) throw new Error(`${route} has two handlers`);
    handlers.set(route, handler as AnyHandler);
  }
  return handlers;
}

const notThereYet: AnyHandler = async () => {
  throw new AppError('OBJECT_NOT_FOUND', 'There is nothing here yet', {
    fix: 'Use another version of the console.',
  });
};

/** See Asked.signal. */
function signalOf(
  request: FastifyRequest,
  reply: FastifyReply,
  person: Person | undefined,
  needed: Needed,
  { access, findSession, closing, log }: RoutesDeps,
): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const end = (message: string) => {
    controller.abort(new AppError('CANCELLED', message, { fix: 'Nothing, if that was meant.' }));
  };
  const onClosing = () => end('The console shuts down');
  const check = async () => {
    const token = sessionTokenOf(request);
    if (token === undefined || person === undefined) return;
    try {
      const session = await findSession(token, false);
      if (session === undefined) return end('The session has ended');
      authorise(access, session.person, needed, request);
    } catch (err) {
      log.debug({ err }, 'a request that takes long is not let go on');
      end('Whether it may go on cannot be told, or it may not');
    }
  };
  const timer = setInterval(() => void check(), CHECK_MS).unref();
  // What changes something is under way already, and its answer is waited for.
  if (request.method === 'GET') {
    if (closing.aborted) onClosing();
    closing.addEventListener('abort', onClosing, { once: true });
  }
  reply.raw.once('close', () => {
    clearInterval(timer);
    closing.removeEventListener('abort', onClosing);
    if (!reply.raw.writableFinished) end('The browser went away');
  });
  return signal;
}
