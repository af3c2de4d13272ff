import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** What `look` gives as soon as it is neither undefined nor false. Fails, saying what was waited for, after `withinMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`After ${withinMs} ms still not so: ${what}`);
    await sleep(POLL_MS);
  }
}

/** The error that the promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was expected to fail, and did not');
}
