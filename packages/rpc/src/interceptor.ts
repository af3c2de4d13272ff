import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { cancelled, currentCall, deadlineExceeded, openCall } from './call.ts';
import { caughtUp } from './caught-up.ts';
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

/**
 * Whether the client finished its request stream. Node's HTTP/2 client, and so every gRPC client on it, cancels with
 * an END_STREAM flag followed by a reset: seen alone, the flag makes a half-sent recording a complete one. So the end
 * counts only when no reset was on its way behind it.
 */
async function isFinished(stream: ServerHttp2Stream): Promise<boolean> {
  const gone = () => stream.aborted || stream.destroyed || stream.session === undefined;
  if (gone() || stream.session === undefined) return false;
  await caughtUp(stream.session);
  return !gone();
}

/**
 * Puts a Call under every call of a server, and mends three things that grpc-js leaves: the windows, the number of
 * messages read ahead, and the end of a request stream.
 */
export const callInterceptor: ServerInterceptor = (method, inner) => {
  const stream = streamOf(inner);
  // The session of a server's stream is a server's session; the types say only that it is one.
  widenWindows(stream.session as ServerHttp2Session | undefined);
  const deadline = inner.getDeadline();
  const call = openCall(method.path, typeof deadline === 'number' ? deadline : deadline.getTime());

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
        onReceiveHalfClose: (pass) => {
          if (!method.requestStream) return currentCall.run(call, pass);
          // Otherwise onCancel follows.
          void isFinished(stream).then((finished) => finished && currentCall.run(call, pass));
        },
        onCancel: () =>
          call.cancel(
            call.deadline !== undefined && call.deadline <= new Date() ? deadlineExceeded() : cancelled(),
          ),
      }),
  });
};
