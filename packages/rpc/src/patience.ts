import { AppError } from '@sealtrack/errors/app-error';

/** How long a server waits for its clients, in milliseconds. */
export interface Patience {
  /** For a request, or the first message of a stream of them. */
  readonly requestMs: number;
  /** For the next message of such a stream. */
  readonly nextMs: number;
  /** What a unary call may take whose caller gave no deadline. */
  readonly unaryMs: number;
  /** For a client to take one more message of what was sent. */
  readonly takeMs: number;
  /** After that, for it to take what it was sent and the error behind it; then the stream is reset. */
  readonly lastMs: number;
  /** Waits for one call. */
  readonly wait: () => Wait;
}

/** The one thing that is waited for. */
export interface Wait {
  /** From now on for this; `onLate` is called once, when it took too long. */
  begin(ms: number, onLate: () => void): void;
  end(): void;
}

function createWait(): Wait {
  let timer: NodeJS.Timeout | undefined;
  const end = () => clearTimeout(timer);
  return {
    begin(ms, onLate) {
      end();
      timer = setTimeout(onLate, ms).unref();
    },
    end,
  };
}

export const PATIENCE: Patience = {
  requestMs: 60_000,
  // A call that is recorded while it lasts may be on hold. Handlers that know more say less, and in their own words.
  nextMs: 10 * 60_000,
  unaryMs: 60_000,
  takeMs: 60_000,
  lastMs: 5_000,
  wait: createWait,
};

const seconds = (ms: number) => `${ms / 1_000} seconds`;

export const nothingCame = (ms: number) =>
  new AppError('DEADLINE_EXCEEDED', `Nothing of the call arrived for ${seconds(ms)}`, {
    fix: 'Make the same call again, and send what belongs to it without a pause.',
  });

export const tookTooLong = (ms: number) =>
  new AppError(
    'DEADLINE_EXCEEDED',
    `A call without a deadline may take ${seconds(ms)} here, and this took longer`,
    {
      fix: 'Make the same call again, with a deadline of its own if the work is large.',
    },
  );

export const nothingTaken = (ms: number) =>
  new AppError('DEADLINE_EXCEEDED', `The caller took nothing of the stream for ${seconds(ms)}`, {
    fix: 'Ask for the rest from the byte on that was reached, when there is somebody to read it.',
  });
