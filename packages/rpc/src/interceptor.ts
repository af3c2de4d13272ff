import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { type Refusal, type RefusalReason, tooManyCalls } from './call-limits.ts';
import { isRefusal, type Limiter } from './limiter.ts';
import { isOwnCall } from './own-call.ts';
import { PATIENCE, type Patience } from './patience.ts';
import { ANYBODY, type Peer, peerOfSession } from './peer.ts';
import { transportStatus } from './transport-status.ts';
import { MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, WINDOW_BYTES } from './tuning.ts';
import { type InnerCall, watchCall } from './watch-call.ts';

/** What calls meet before their handlers do. */
export interface CallRules {
  readonly limiter?: Limiter | undefined;
  readonly patience?: Patience | undefined;
  /** The largest message to send, in bytes; 4 MiB unless told. */
  readonly maxMessageBytes?: number | undefined;
  /** Told of each call that the limiter does not let in, and of whose it is. */
  readonly onRefused?: ((caller: string, reason: RefusalReason) => void) | undefined;
}

/**
 * The HTTP/2 stream below a call. grpc-js keeps it in a private field, and there is no public way to what is needed
 * from it; a grpc-js that moves it fails every call, so that no test can miss it.
 */
function streamOf(call: InnerCall): ServerHttp2Stream {
  const stream: unknown = Reflect.get(call, 'stream');
  if (typeof stream === 'object' && stream !== null && 'rstCode' in stream)
    return stream as ServerHttp2Stream;
  throw new Error(
    'This version of grpc-js keeps its HTTP/2 stream elsewhere: see packages/rpc/src/interceptor.ts',
  );
}

const widened = new WeakSet<ServerHttp2Session>();

/** grpc-js has an option for the windows of clients and none for those of servers, nor for the size of headers. */
function widenWindows(session: ServerHttp2Session | undefined): void {
  if (session === undefined || widened.has(session)) return;
  widened.add(session);
  session.settings({ initialWindowSize: WINDOW_BYTES, maxHeaderListSize: MAX_HEADER_BYTES });
  session.setLocalWindowSize(WINDOW_BYTES);
}

/** Before anything of its request is looked at. */
const refuse = (inner: InnerCall, stream: ServerHttp2Stream, answer: StatusObject) =>
  new ServerInterceptingCall(inner, {
    start: () => {
      inner.sendStatus(answer);
      // Nothing that it goes on to send is of use.
      stream.close();
    },
  });

/** Made once each: the limiter gives some hundred different ones, and making them is most of what a refusal costs. */
const answers = new Map<string, StatusObject>();

function answerTo(refusal: Refusal): StatusObject {
  const id = `${refusal.reason} ${refusal.retryAfterMs}`;
  const known = answers.get(id);
  if (known !== undefined) return known;
  const answer = transportStatus(tooManyCalls(refusal));
  answers.set(id, answer);
  return answer;
}

/** A connection that the guard did not let in has no calls, however it came to have one. */
const NOT_LET_IN: StatusObject = {
  code: status.UNAUTHENTICATED,
  details: 'This connection was not let in',
  metadata: new Metadata(),
};

/** Who has a limit of its own: whoever shows the certificate, or is at the address. */
const callerOf = ({ names }: Peer, inner: InnerCall): string =>
  names.length > 0 ? names.join(' ') : inner.getPeer().replace(/:\d+$/, '');

/**
 * Puts a Call under every call of a server, turns away those that are too many, and mends two things that grpc-js leaves: the windows
 * and the number of messages read ahead.
 *
 * A third cannot be mended here. Node's HTTP/2 client, and so every gRPC client on it, cancels with an END_STREAM flag
 * followed by a reset: until the reset arrives, a request stream that was broken off looks like one that ended. So a
 * message type whose end matters says its end itself, as PutRecordingRequest does.
 */
export const callInterceptor =
  (transport: Transport, rules: CallRules = {}): ServerInterceptor =>
  (method, inner) => {
    const { limiter, patience = PATIENCE, maxMessageBytes = MAX_MESSAGE_BYTES, onRefused } = rules;
    const stream = streamOf(inner);
    // The session of a server's stream is a server's session; the types say only that it is one.
    const session = stream.session as ServerHttp2Session | undefined;
    const peer = transport === PLAINTEXT ? ANYBODY : peerOfSession(session);
    if (peer === undefined) return refuse(inner, stream, NOT_LET_IN);
    widenWindows(session);
    const mayRest = isOwnCall(method.path);
    const id = callerOf(peer, inner);
    const place = mayRest ? undefined : limiter?.enter(id);
    if (place !== undefined && isRefusal(place)) {
      onRefused?.(id, place.reason);
      return refuse(inner, stream, answerTo(place));
    }
    return watchCall({
      method,
      inner,
      stream,
      caller: peer.names,
      patience,
      place,
      maxMessageBytes,
      mayRest,
    });
  };
