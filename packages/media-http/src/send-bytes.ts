import type { ServerResponse } from 'node:http';
import { giveBack } from '@sealtrack/rpc/give-back';

/** A client that takes nothing: one that listens asks again, by Range, for what it did not get. */
export class Silent extends Error {
  constructor(ms: number) {
    super(`The client took nothing for ${ms / 1000} s`);
    this.name = 'Silent';
  }
}

export interface SendOptions {
  /** How long the client may take nothing. */
  readonly silenceMs: number;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /** Told of the bytes that were written. */
  readonly sent: (bytes: number) => void;
}

/**
 * Writes as fast as the client takes it, and holds the source back meanwhile. Each chunk is wiped once it was written. Resolves when everything was given to the
 * system. Throws what the source threw, Silent, or the signal's reason; then the response is still open.
 */
export async function sendBytes(
  response: ServerResponse,
  bytes: AsyncIterable<Uint8Array>,
  { silenceMs, signal, sent }: SendOptions,
): Promise<void> {
  let wake: (() => void) | undefined;
  let isSilent = false;
  const go = () => wake?.();
  // One timer for all chunks: there may be thousands in a second.
  const timer = setTimeout(() => {
    isSilent = wake !== undefined;
    go();
  }, silenceMs);
  const until = async (isDone: () => boolean): Promise<void> => {
    timer.refresh();
    while (!isDone() && !isSilent && !signal.aborted)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    wake = undefined;
    signal.throwIfAborted();
    if (isSilent) throw new Silent(silenceMs);
  };
  response.on('drain', go).on('finish', go);
  signal.addEventListener('abort', go);
  try {
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      sent(chunk.byteLength);
      // It is of a message of its own, and goes no further.
      const isTaken = response.write(chunk, (error) => {
        if (!error) giveBack(chunk);
      });
      if (!isTaken) await until(() => !response.writableNeedDrain);
    }
    response.end();
    await until(() => response.writableFinished);
  } finally {
    clearTimeout(timer);
    response.off('drain', go).off('finish', go);
    signal.removeEventListener('abort', go);
  }
}
