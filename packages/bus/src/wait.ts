import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from './bus.ts';

export class TooLate extends Error {}

/** Settles as `work` does, or rejects with TooLate after `ms`: then its failure is nobody's any more. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TooLate(`Not done within ${Math.round(ms)} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Sleeps `ms`, or less: false when the signal cut it short. */
export async function pause(ms: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch {
    return false;
  }
}

/** True as soon as the bus is connected; false when `ms` passed or the signal aborted first. */
export async function untilConnected(bus: Bus, ms: number, signal?: AbortSignal): Promise<boolean> {
  if (bus.connected()) return true;
  if (signal?.aborted) return false;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stopListening = bus.link.onChange(() => resolve());
  const onAbort = () => resolve();
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener('abort', onAbort);
  try {
    await promise;
    return bus.connected() && !(signal?.aborted ?? false);
  } finally {
    clearTimeout(timer);
    stopListening();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Settles as `work` does, or rejects when the connection is lost or the signal aborts: no answer will come then. */
export async function whileConnected<T>(bus: Bus, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stopListening = bus.link.onChange(() => reject(new Error('The connection to the bus was lost')));
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  // Whoever wins, the loser's rejection is of no interest.
  work.catch(() => {});
  try {
    signal?.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    stopListening();
    signal?.removeEventListener('abort', onAbort);
  }
}
