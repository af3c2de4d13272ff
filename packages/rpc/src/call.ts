import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from '@sealtrack/errors/app-error';
import { REQUESTS_AHEAD, RESPONSES_AHEAD } from './tuning.ts';

/**
 * One call as the server sees it, shared between the interceptor below nice-grpc (which knows when the client went
 * away, and what is really on the wire) and the middleware above it (which runs the handler).
 */
export interface Call {
  readonly path: string;
  /** When the client stops waiting. */
  readonly deadline: Date | undefined;
  /** DNS names of the client's verified certificate. */
  readonly caller: readonly string[];
  /** Fires when the client goes away, its deadline passes or the server is closed by force; the reason is an AppError. */
  readonly signal: AbortSignal;
  /** Reads on, now or as soon as the handler has taken enough of what was read. */
  requestRead(read: () => void): void;
  received(): void;
  /** The handler took one received message. */
  taken(): void;
  /** The handler gave one message to be sent. */
  sending(): void;
  sent(): void;
  /** Resolves when the handler may give the next message; rejects with the signal's reason. */
  room(): Promise<void>;
  cancel(reason: AppError): void;
  /** Its handler begins. */
  begin(): void;
  /** Its handler is done: nothing can cancel it any more. */
  finish(): void;
}

/** What it is told, beside its own. */
export interface CallEvents {
  /** How many messages the client has not taken yet, whenever that changes. */
  onUnsent(unsent: number): void;
  /** How many messages its handler has not taken yet, whenever that becomes less. */
  onTaken(unread: number): void;
  onBegin(): void;
  onFinish(): void;
}

export const currentCall = new AsyncLocalStorage<Call>();

export const cancelled = () =>
  new AppError('CANCELLED', 'The caller went away before the call was finished', {
    fix: 'Nothing, if the caller meant to stop. Otherwise make the same call again.',
  });

export const deadlineExceeded = () =>
  new AppError('DEADLINE_EXCEEDED', 'The call took longer than its caller would wait', {
    fix: 'Make the same call again, with a later deadline if the work is large.',
  });

export const shuttingDown = () =>
  new AppError('SHUTTING_DOWN', 'The server is shutting down', {
    fix: 'Make the same call again: it reaches another instance, or this one after its restart.',
  });

export function openCall(
  path: string,
  deadlineMs: number,
  caller: readonly string[],
  events: CallEvents,
): Call {
  const controller = new AbortController();
  const { signal } = controller;
  let finished = false;
  let unread = 0;
  let waitingRead: (() => void) | undefined;
  let unsent = 0;
  let waitingSend: (() => void) | undefined;

  const call: Call = {
    path,
    deadline: Number.isFinite(deadlineMs) ? new Date(deadlineMs) : undefined,
    caller,
    signal,
    requestRead: (read) => {
      if (unread < REQUESTS_AHEAD) read();
      else waitingRead = read;
    },
    received: () => {
      unread += 1;
    },
    taken: () => {
      unread -= 1;
      events.onTaken(unread);
      const read = waitingRead;
      waitingRead = undefined;
      read?.();
    },
    sending: () => {
      unsent += 1;
      events.onUnsent(unsent);
    },
    sent: () => {
      unsent -= 1;
      events.onUnsent(unsent);
      waitingSend?.();
    },
    room: async () => {
      while (unsent >= RESPONSES_AHEAD && !signal.aborted) {
        await new Promise<void>((resolve) => {
          waitingSend = resolve;
        });
      }
      signal.throwIfAborted();
    },
    cancel: (reason) => {
      if (finished) return;
      controller.abort(reason);
      waitingSend?.();
    },
    begin: events.onBegin,
    finish: () => {
      finished = true;
      events.onFinish();
    },
  };
  return call;
}
