import { AppError, toAppError } from '@sealtrack/errors/app-error';
import type { GrpcStatus } from '@sealtrack/errors/codes';
import {
  type CallContext,
  ServerError,
  type ServerMiddleware,
  type ServerMiddlewareCall,
  Status,
} from 'nice-grpc-common';
import { type Call, currentCall, shuttingDown } from './call.ts';
import type { CallAccess } from './call-access.ts';
import { type CallObserver, NO_OBSERVER } from './call-observer.ts';
import { firstOf } from './first-of.ts';
import type { EnterPerson } from './limit-people.ts';
import type { Place } from './limiter.ts';
import type { RpcLog } from './log.ts';
import { isOwnCall } from './own-call.ts';
import { toServerError } from './status.ts';
import { type WhoCalls, whoCalls } from './who-calls.ts';

/** What a handler gets beside `signal`, `metadata` and `peer`. */
export interface RpcContext {
  /** When the caller stops waiting, or this server does; a stream without one may take for ever. */
  readonly deadline: Date | undefined;
  /** The caller's W3C trace context, unchecked. */
  readonly traceparent: string | undefined;
  /**
   * Who calls: the DNS names of its verified certificate, none over plaintext, and over TLS that asks for none. Where it calls on
   * behalf of a person, that one's names: user:alice, group:administrators.
   */
  readonly caller: readonly string[];
  /** The names of whoever calls on behalf of that person; empty where the caller calls for itself, or has none. */
  readonly via: readonly string[];
}

/** The calls that are being handled. */
export interface Calls {
  readonly active: Set<Call>;
  /** How many of them are neither of health nor of reflection. */
  underWay: number;
  /** From now on the server's own long-lived calls (health watches, reflection) end by themselves. */
  closing: boolean;
}

/** The request's messages; an upload that was broken off ends with the reason, never as if it were complete. */
async function* whole<Request>(request: AsyncIterable<Request>, call: Call): AsyncGenerator<Request, void> {
  for await (const message of request) {
    call.taken();
    call.signal.throwIfAborted();
    yield message;
  }
  call.signal.throwIfAborted();
}

async function* run<Request, Response>(
  rpc: ServerMiddlewareCall<Request, Response, RpcContext>,
  call: Call,
  admit: (request: Request | undefined) => CallContext & RpcContext,
): AsyncGenerator<Response, Response | undefined, undefined> {
  let request: typeof rpc.request;
  let context: CallContext & RpcContext;
  if (rpc.requestStream) {
    // Not by its handler, which may hold something while it waits for a stream to begin.
    const { first, all } = await firstOf(whole(rpc.request, call));
    context = admit(first);
    request = all;
  } else {
    request = rpc.request;
    context = admit(request);
  }
  if (!rpc.responseStream) return yield* rpc.next(request, context);
  for await (const message of rpc.next(request, context)) {
    call.sending();
    yield message;
    await call.room();
  }
  return undefined;
}

/** What the client is told. Once a call is over for it, the reason is that, whatever its handler stumbled over then. */
const answerTo = (error: unknown, call: Call): AppError | ServerError => {
  if (call.signal.aborted) return toAppError(call.signal.reason);
  return error instanceof ServerError ? error : toAppError(error);
};

const LEVELS: Partial<Record<GrpcStatus, 'warn' | 'error'>> = {
  INTERNAL: 'error',
  DATA_LOSS: 'error',
  UNAVAILABLE: 'warn',
  RESOURCE_EXHAUSTED: 'warn',
  PERMISSION_DENIED: 'warn',
};

function report(
  log: RpcLog,
  path: string,
  fields: object,
  answer: AppError | ServerError | undefined,
  error: unknown,
) {
  if (isOwnCall(path)) log.debug(fields, 'rpc');
  else if (answer === undefined) log.info(fields, 'rpc');
  else {
    const level = (answer instanceof AppError && LEVELS[answer.grpcStatus]) || 'info';
    // An AppError made of an unknown error has that as its cause, so nothing is lost by logging the answer.
    const met =
      answer instanceof AppError && error !== answer.cause && error !== answer ? { met: error } : {};
    log[level]({ ...fields, err: answer, ...met }, 'rpc failed');
  }
}

const REFUSALS: readonly GrpcStatus[] = ['PERMISSION_DENIED', 'UNAUTHENTICATED'];

export interface ServeOptions {
  readonly log: RpcLog;
  readonly access: CallAccess;
  readonly observer?: CallObserver;
  /** Where people are limited. */
  readonly enterPerson?: EnterPerson | undefined;
}

/** Runs every handler whose caller may make the call: context, bounded messages in flight, errors to statuses, one log line a call. */
export function serveCalls(
  calls: Calls,
  { log, access, observer = NO_OBSERVER, enterPerson }: ServeOptions,
): ServerMiddleware<RpcContext> {
  const count = (path: string, by: number) => {
    if (isOwnCall(path)) return;
    calls.underWay += by;
    observer.underWay(calls.underWay);
  };
  return async function* serve<Request, Response>(
    rpc: ServerMiddlewareCall<Request, Response, RpcContext>,
    context: CallContext,
  ) {
    const call = currentCall.getStore();
    if (call === undefined) throw new Error('No call here: the server runs without its interceptor');
    const { path } = rpc.method;
    const traceparent = context.metadata.get('traceparent');
    // Until it is known for whom the call is made, it is the business of whoever makes it.
    let who: WhoCalls = { caller: call.caller, via: [], isPerson: false };
    let place: Place | undefined;
    const began = performance.now();
    const fields = (status: string) => ({
      method: path,
      status,
      ms: Math.round(performance.now() - began),
      peer: context.peer,
      ...(who.caller.length === 0 ? {} : { caller: who.caller }),
      ...(who.via.length === 0 ? {} : { via: who.via }),
      ...(traceparent === undefined ? {} : { traceparent }),
    });
    let outcome = 'CANCELLED';
    let failure: AppError | ServerError | undefined;
    let met: unknown;
    let request: Request | undefined;
    const admit = (asked: Request | undefined) => {
      request = asked;
      if (!isOwnCall(path)) {
        who = whoCalls(call.caller, context.metadata, access, asked);
        if (who.isPerson) place = enterPerson?.(who.caller);
        access.authorise(path, who.caller, asked);
      }
      return {
        ...context,
        signal: call.signal,
        deadline: call.deadline,
        traceparent,
        caller: who.caller,
        via: who.via,
      };
    };
    call.begin();
    calls.active.add(call);
    count(path, 1);
    try {
      if (calls.closing) throw shuttingDown();
      const response = yield* run(rpc, call, admit);
      outcome = 'OK';
      return response;
    } catch (error) {
      met = error;
      failure = answerTo(error, call);
      outcome = failure instanceof AppError ? failure.grpcStatus : Status[failure.code];
      if (failure instanceof AppError && REFUSALS.includes(failure.grpcStatus))
        access.refused?.({ path, names: who.caller, via: who.via, request, traceparent, error: failure });
      throw failure instanceof AppError ? toServerError(failure) : failure;
    } finally {
      call.finish();
      place?.leave();
      calls.active.delete(call);
      count(path, -1);
      if (!isOwnCall(path)) observer.ended(path, outcome, (performance.now() - began) / 1_000);
      report(log, path, fields(outcome), failure, met);
    }
  };
}
