import { setTimeout as sleep } from 'node:timers/promises';
import type { Tenant } from './tenant.ts';
import { insist, until } from './until.ts';

/** Between two recordings of one sender: a pace that leaves the machine time for the faults. */
const PAUSE_MS = 30;

export interface Flow extends AsyncDisposable {
  acknowledged(): number;
  /** Resolves when so many more recordings were acknowledged. */
  more(count: number): Promise<void>;
  /** Sends nothing new, and resolves when all that was begun is acknowledged. Throws what is not an outage. */
  stop(): Promise<void>;
}

/** Pipelines that send one recording after the other, each until it is acknowledged. */
export function startFlow(
  tenant: Tenant,
  senders: { readonly puts: number; readonly captures: number },
): Flow {
  let stopping = false;
  let acknowledged = 0;
  let failure: { readonly error: unknown } | undefined;

  async function send(name: string, work: (recordingId: string) => Promise<unknown>): Promise<void> {
    for (let n = 1; !stopping; n += 1) {
      const id = `${name}-${String(n).padStart(4, '0')}`;
      await insist(`${id} is acknowledged`, () => work(id));
      acknowledged += 1;
      await sleep(PAUSE_MS);
    }
  }
  const sending = [
    ...Array.from({ length: senders.puts }, (_, n) => send(`put-${n}`, (id) => tenant.put(id))),
    ...Array.from({ length: senders.captures }, (_, n) => send(`capture-${n}`, (id) => tenant.capture(id))),
  ].map((each) =>
    each.catch((error: unknown) => {
      failure ??= { error };
      stopping = true;
    }),
  );
  const stop = async () => {
    stopping = true;
    await Promise.all(sending);
    if (failure !== undefined) throw failure.error;
  };
  return {
    acknowledged: () => acknowledged,
    more: async (count) => {
      const wanted = acknowledged + count;
      await until(
        `${count} more are acknowledged`,
        () => failure !== undefined || acknowledged >= wanted,
        60_000,
      );
      if (failure !== undefined) throw failure.error;
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
