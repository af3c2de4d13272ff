import type { Bus } from '@sealtrack/bus/bus';
import { tailEvents } from '@sealtrack/bus/tail';
import { SUBJECTS } from '@sealtrack/contracts/subjects';

/** Counts the `recording.stored` of a tenant as they come by. */
export async function countStored(bus: Bus, tenantId: string, signal: AbortSignal) {
  let count = 0;
  const subject = SUBJECTS.event(tenantId, 'recording', 'stored');
  const following = (async () => {
    for await (const _ of tailEvents(bus, { subject, from: 'new', signal })) count++;
  })();
  return { count: () => count, following };
}

/** Runs `one` over and over, `concurrency` at a time, for so many seconds; resolves when the last one is done. */
export async function keepBusy(
  concurrency: number,
  seconds: number,
  one: () => Promise<void>,
): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await one();
      done++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return done;
}

/** Waits until the count stands at `expected`; a system that falls behind shows in the rate, one that loses fails. */
export async function until(count: () => number, expected: number, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (count() < expected) {
    if (performance.now() > deadline)
      throw new Error(`${count()} of ${expected} recordings were stored in time`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
