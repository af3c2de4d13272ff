import { constants, type ServerHttp2Stream } from 'node:http2';
import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import type { AppError } from '@sealtrack/errors/app-error';
import { cancelled, currentCall, deadlineExceeded, openCall } from './call.ts';
import { tooManyCalls } from './call-limits.ts';
import { takeBack } from './give-away.ts';
import type { Place } from './limiter.ts';
import { nothingCame, nothingTaken, type Patience, tookTooLong } from './patience.ts';
import { sendChunk } from './send-chunk.ts';
import { transportStatus } from './transport-status.ts';

type Method = Parameters<ServerInterceptor>[0];
export type InnerCall = ConstructorParameters<typeof ServerInterceptingCall>[0];

export interface WatchedCall {
  readonly method: Method;
  readonly inner: InnerCall;
  /** What it comes and goes on. */
  readonly stream: ServerHttp2Stream;
  /** DNS names of the client's verified certificate. */
  readonly caller: readonly string[];
  readonly patience: Patience;
  /** Of a call that is one of a limited number. */
  readonly place: Place | undefined;
  /** The largest message that it may answer with. */
  readonly maxMessageBytes: number;
  /** Whether its stream of requests may rest for ever. */
  readonly mayRest: boolean;
}

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

/**
 * Puts a Call under what grpc-js calls one, and ends it when its client sends nothing, takes nothing, or has no deadline and a call
 * that takes too long. It has its place until its handler is done and its stream is closed.
 */
export function watchCall(watched: WatchedCall): ServerInterceptingCall {
  const { method, inner, stream, caller, patience, place, maxMessageBytes, mayRest } = watched;
  const { requestMs, nextMs, unaryMs, takeMs, lastMs } = patience;
  const isUnary = !method.requestStream && !method.responseStream;
  const wait = patience.wait();
  let isHandled = false;
  let isFinished = false;
  let isClosed = false;
  let isEnded = false;
  let unsent = 0;

  const reset = () => stream.close(unsent === 0 ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
  const leave = () => {
    if (isClosed && !isHandled) place?.leave();
  };

  function end(error: AppError): void {
    if (isEnded) return;
    isEnded = true;
    call.cancel(error);
    // A handler of a stream says it behind what was sent already; a client that takes neither loses the stream.
    if (!isHandled || !method.responseStream) inner.sendStatus(transportStatus(error));
    if (!isClosed) wait.begin(lastMs, reset);
  }

  const call = openCall(
    method.path,
    deadlineOf(inner, isUnary ? unaryMs : Number.POSITIVE_INFINITY),
    caller,
    {
      onUnsent(now) {
        unsent = now;
        if (isEnded) return;
        if (unsent === 0) wait.end();
        else wait.begin(takeMs, () => end(nothingTaken(takeMs)));
      },
      onTaken(unread) {
        if (unread === 0) place?.release();
      },
      onBegin() {
        isHandled = true;
      },
      onFinish() {
        isHandled = false;
        isFinished = true;
        if (!isClosed && !isEnded) wait.begin(takeMs, reset);
        leave();
      },
    },
  );

  stream.once('close', () => {
    isClosed = true;
    wait.end();
    leave();
  });
  if (place !== undefined)
    // grpc-js has it paused, and takes it from now on: another listener changes nothing of that.
    stream.on('data', (bytes: Buffer) => {
      const refusal = isEnded ? undefined : place.hold(bytes.length);
      if (refusal !== undefined) end(tooManyCalls(refusal));
    });
  wait.begin(requestMs, () => end(nothingCame(requestMs)));

  let hasMessage = false;
  class Guarded extends ServerInterceptingCall {
    override startRead(): void {
      call.requestRead(() => {
        if (hasMessage && method.requestStream && !mayRest && !isEnded)
          wait.begin(nextMs, () => end(nothingCame(nextMs)));
        super.startRead();
      });
    }
    override sendMessage(message: unknown, callback: () => void): void {
      // Of a stream it was counted before it came here.
      if (!method.responseStream) call.sending();
      const sent = () => {
        takeBack(message);
        call.sent();
        callback();
      };
      if (!sendChunk(stream, method.responseSerialize, message, maxMessageBytes, sent))
        super.sendMessage(message, sent);
    }
  }

  return new Guarded(inner, {
    start: (next) =>
      next({
        onReceiveMetadata: (metadata, pass) => currentCall.run(call, pass, metadata),
        onReceiveMessage: (message, pass) => {
          hasMessage = true;
          if (method.requestStream && !isEnded) wait.end();
          call.received();
          pass(message);
        },
        onReceiveHalfClose: (pass) => {
          if (!isEnded) wait.end();
          if (isUnary && !isEnded && !Number.isFinite(Number(inner.getDeadline())))
            wait.begin(unaryMs, () => end(tookTooLong(unaryMs)));
          currentCall.run(call, pass);
        },
        onCancel: () => {
          // grpc-js says so of every call that has ended, and an error that nobody gets costs a stack trace.
          if (isFinished) return;
          const isLate = call.deadline !== undefined && call.deadline <= new Date();
          call.cancel(isLate ? deadlineExceeded() : cancelled());
        },
      }),
  });
}

/** In milliseconds since 1970. */
function deadlineOf(inner: InnerCall, unlessGivenMs: number): number {
  const deadline = Number(inner.getDeadline());
  return Number.isFinite(deadline) ? deadline : Date.now() + unlessGivenMs;
}
