import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { Metadata, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { cancelled, currentCall, deadlineExceeded, openCall } from './call.ts';
import { ANYBODY, peerOfSession } from './peer.ts';
import { WINDOW_BYTES } from './tuning.ts';

type InnerCall = ConstructorParameters<typeof ServerInterceptingCall>[0];

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

/** grpc-js has an option for the windows of clients and none for those of servers. */
function widenWindows(session: ServerHttp2Session | undefined): void {
  if (session === undefined || widened.has(session)) return;
  widened.add(session);
  session.settings({ initialWindowSize: WINDOW_BYTES });
  session.setLocalWindowSize(WINDOW_BYTES);
}

/** A connection that the guard did not let in has no calls, however it came to have one. */
const refuse = (inner: InnerCall): ServerInterceptingCall =>
  new ServerInterceptingCall(inner, {
    start: () =>
      inner.sendStatus({
        code: status.UNAUTHENTICATED,
        details: 'This connection was not let in',
        metadata: new Metadata(),
      }),
  });

/**
 * Puts a Call under every call of a server, and mends two things that grpc-js leaves: the windows and the number of
 * messages read ahead.
 *
 * A third cannot be mended here. Node's HTTP/2 client, and so every gRPC client on it, cancels with an END_STREAM flag
 * followed by a reset: until the reset arrives, a request stream that was broken off looks like one that ended. So a
 * message type whose end matters says its end itself, as PutRecordingRequest does.
 */
export const callInterceptor =
  (transport: Transport): ServerInterceptor =>
  (method, inner) => {
    const stream = streamOf(inner);
    // The session of a server's stream is a server's session; the types say only that it is one.
    const session = stream.session as ServerHttp2Session | undefined;
    const peer = transport === PLAINTEXT ? ANYBODY : peerOfSession(session);
    if (peer === undefined) return refuse(inner);
    widenWindows(session);
    const deadline = inner.getDeadline();
    const call = openCall(
      method.path,
      typeof deadline === 'number' ? deadline : deadline.getTime(),
      peer.names,
    );

    class Guarded extends ServerInterceptingCall {
      override startRead(): void {
        call.requestRead(() => super.startRead());
      }
      override sendMessage(message: unknown, callback: () => void): void {
        super.sendMessage(message, () => {
          call.sent();
          callback();
        });
      }
    }

    return new Guarded(inner, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => currentCall.run(call, pass, metadata),
          onReceiveMessage: (message, pass) => {
            call.received();
            pass(message);
          },
          onReceiveHalfClose: (pass) => currentCall.run(call, pass),
          onCancel: () =>
            call.cancel(
              call.deadline !== undefined && call.deadline <= new Date() ? deadlineExceeded() : cancelled(),
            ),
        }),
    });
  };
