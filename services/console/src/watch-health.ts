import type { ServiceHealth } from './api/live.ts';
import type { HealthView } from './ports.ts';

/** Something that the console needs. */
export interface Watched {
  /** "crypto-server", "NATS". */
  readonly service: string;
  /** Without credentials. */
  readonly address: string;
  /** Resolves to why it is down, or to undefined where it is up. Never fails, and takes no longer than some seconds. */
  readonly whyDown: () => Promise<string | undefined>;
}

export interface HealthWatch extends HealthView {
  all(): readonly ServiceHealth[];
}

interface Seen {
  readonly message: string | undefined;
  readonly since: Date;
}

export interface WatchHealthDeps {
  readonly now: () => Date;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

const EVERY_MS = 1_000;

/** Asks each of them again and again until the signal aborts. What was not asked yet is in none of the answers. */
export function watchHealth(
  watched: readonly Watched[],
  { now, pause, signal }: WatchHealthDeps,
): HealthWatch {
  const seen = new Map<Watched, Seen>();
  const follow = async (each: Watched): Promise<void> => {
    while (!signal.aborted) {
      const message = await each.whyDown();
      const before = seen.get(each);
      const isSame = before !== undefined && (before.message === undefined) === (message === undefined);
      // It may be down for another reason than it was, and still since then.
      seen.set(each, { message, since: isSame ? before.since : now() });
      await pause(EVERY_MS, signal);
    }
  };
  for (const each of watched) void follow(each);
  const known = () =>
    watched.flatMap((each) => {
      const found = seen.get(each);
      return found === undefined ? [] : [{ ...each, ...found }];
    });
  return {
    down: () =>
      known()
        .filter(({ message }) => message !== undefined)
        .map(({ service, since }) => ({ service, since })),
    all: () =>
      known().map(({ service, address, message, since }) => ({
        ...{ service, address, isUp: message === undefined },
        ...{ since: since.toISOString(), message: message ?? null },
      })),
  };
}
