import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@sealtrack/errors/app-error';

const POLL_MS = 20;

/** What a killed process makes its callers see; anything else is a finding. */
export const isOutage = (error: unknown): error is AppError =>
  error instanceof AppError && error.grpcStatus === 'UNAVAILABLE';

/** Asks until the answer is something; an outage is no answer yet. Throws when `withinMs` passed, or what `ask` throws. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (let last: unknown; ; ) {
    try {
      last = await ask();
      if (last !== undefined && last !== false) return last as T;
    } catch (error) {
      if (!isOutage(error)) throw error;
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`, { cause: last });
    await sleep(POLL_MS);
  }
}

/** Does it again, under the same ids, for as long as it meets an outage: what a pipeline does. */
export const insist = <T>(what: string, work: () => Promise<T>, withinMs = 60_000): Promise<T> =>
  until(what, async () => ({ result: await work() }), withinMs).then(({ result }) => result);
