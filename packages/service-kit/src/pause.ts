import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after so many milliseconds, or when the signal aborts. It keeps no process alive. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export const pause: Pause = (ms, signal) =>
  delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
