import { AppError } from '@sealtrack/errors/app-error';
import type { Transport } from '@sealtrack/tls/tls';
import { type Client, createChannel, createClientFactory, type TsProtoServiceDefinition } from 'nice-grpc';
import { type DeadlineOptions, deadlineMiddleware } from 'nice-grpc-client-middleware-deadline';
import {
  type CallOptions,
  type ClientMiddleware,
  type ClientMiddlewareCall,
  Metadata,
} from 'nice-grpc-common';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { withChunkCodec } from './chunk-codec.ts';
import { formatOnBehalfOf, ON_BEHALF_OF } from './on-behalf-of.ts';
import { pace, readPaced } from './read-ahead.ts';
import { fromClientError } from './status.ts';
import { type Way, wayTo } from './transport.ts';
import { channelOptions, WINDOW_BYTES } from './tuning.ts';

/** What a call may be given beside `signal` and `metadata`. */
export interface RpcCallOptions {
  /** How long to wait for the whole call, in milliseconds. */
  readonly deadlineMs?: number;
  /** The W3C trace context that the call belongs to. */
  readonly traceparent?: string;
  /**
   * Whose call it is, for callers that may speak for people: user:alice and her groups (ADR 25). Names that are not those of one
   * person fail with INVALID_ARGUMENT before anything is sent.
   */
  readonly onBehalfOf?: readonly string[];
}

export type RpcClient<Definition extends TsProtoServiceDefinition> = Client<Definition, RpcCallOptions> &
  AsyncDisposable;

export interface RpcClientOptions {
  readonly transport: Transport;
  /** What the server's certificate has to be for: the host of the address unless told. */
  readonly serverName?: string;
  /** Of unary calls, in milliseconds; 10 s unless told. */
  readonly deadlineMs?: number;
  /**
   * What a server may send ahead of what is read here, in bytes, in each stream; 1 MiB unless told. Larger ones carry more a
   * second, and hold as much in memory here for each stream that is not read.
   */
  readonly windowBytes?: number;
}

/**
 * Streams of one connection take turns (RFC 9218, section 4.2). Node's server would serve the oldest of those that have something to
 * send, and the others nothing for as long as it has: one download starved a hundred listeners.
 */
const INCREMENTAL = 'u=3, i';

/** grpc-timeout takes at most eight digits. */
const MAX_DEADLINE_MS = 99_999_999;

function headers(options: CallOptions & RpcCallOptions, deadlineMs: number | undefined): Metadata {
  const metadata = Metadata(options.metadata);
  if (options.traceparent !== undefined) metadata.set('traceparent', options.traceparent);
  if (options.onBehalfOf !== undefined) metadata.set(ON_BEHALF_OF, formatOnBehalfOf(options.onBehalfOf));
  // The server learns the deadline too, so that it stops working for a caller that has stopped waiting.
  if (deadlineMs !== undefined) metadata.set('grpc-timeout', `${Math.max(1, Math.ceil(deadlineMs))}m`);
  return metadata;
}

function asAppError(error: unknown, address: string, way: Way, signal: AbortSignal | undefined): unknown {
  if (error instanceof AppError || !signal?.aborted) return fromClientError(error, address, way.failed());
  return new AppError('CANCELLED', 'The call was cancelled here', {
    fix: 'Nothing, if that was meant. Otherwise make the same call again.',
    details: { address },
    cause: signal.reason,
  });
}

function callWith(
  address: string,
  way: Way,
  unaryDeadlineMs: number,
): ClientMiddleware<RpcCallOptions, DeadlineOptions> {
  return async function* callOut<Request, Response>(
    rpc: ClientMiddlewareCall<Request, Response, DeadlineOptions>,
    options: CallOptions & RpcCallOptions,
  ) {
    const streams = rpc.requestStream || rpc.responseStream;
    const wanted = options.deadlineMs ?? (streams ? undefined : unaryDeadlineMs);
    const deadline = wanted === undefined ? undefined : Math.min(wanted, MAX_DEADLINE_MS);
    try {
      const given = {
        ...options,
        metadata: headers(options, deadline),
        ...(deadline === undefined ? {} : { deadline }),
      };
      if (!rpc.responseStream) return yield* rpc.next(rpc.request, given);
      given.metadata.set('priority', INCREMENTAL);
      return yield* readPaced(rpc.next(rpc.request, given));
    } catch (error) {
      throw asAppError(error, address, way, options.signal);
    }
  };
}

/**
 * A client of one service. It connects at its first call and again whenever the connection is lost. A call fails with
 * the AppError that its server threw, or with SERVICE_UNAVAILABLE, PEER_UNTRUSTED, DEADLINE_EXCEEDED or CANCELLED; an
 * error of the caller's own request stream comes back as it is. Unary calls have `deadlineMs`, streams have
 * none. A message is encoded after it was given: never reuse or zero the buffer of one that was yielded.
 */
export function connectRpc<Definition extends TsProtoServiceDefinition>(
  definition: Definition,
  address: string,
  options: RpcClientOptions,
): RpcClient<Definition> {
  const way = wayTo(address, options.transport, options.serverName);
  const windowBytes = options.windowBytes ?? WINDOW_BYTES;
  const channel = pace(createChannel(address, way.credentials, channelOptions(windowBytes)));
  const client = createClientFactory()
    .use(deadlineMiddleware)
    .use(errorDetailsClientMiddleware)
    .use(callWith(address, way, options.deadlineMs ?? 10_000))
    .create(withChunkCodec(definition), channel);
  return Object.assign(client, { [Symbol.asyncDispose]: async () => channel.close() });
}
