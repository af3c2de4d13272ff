import type { Bus } from '@sealtrack/bus/bus';
import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import type { Log } from '@sealtrack/service-kit/logger';
import { pause } from '@sealtrack/service-kit/pause';
import type { Transport } from '@sealtrack/tls/tls';

/** A bus that may not be there yet. Disposing it drains, or gives up waiting. */
export interface LateBus extends AsyncDisposable {
  /** Undefined until it was there for the first time, with its streams. */
  current(): Bus | undefined;
  isConnected(): boolean;
  /**
   * Does the work once it is there, and settles as that does. Without any work when it was given up before; with
   * CONFIG_INVALID or BUS_UNAVAILABLE when its streams cannot be used, unless that is to be tried again.
   */
  use(work: (bus: Bus) => Promise<unknown>): Promise<void>;
  /** From now on somebody relies on this process, so that what keeps the bus from being used is no reason to end. */
  keepTrying(): void;
}

export interface LateBusOptions {
  readonly transport: Transport;
  readonly url: string;
  readonly name: string;
  readonly log: Log;
  /** Gives up waiting. */
  readonly signal: AbortSignal;
}

const AGAIN_AFTER_MS = 5_000;

/** Connects in the background. */
export function connectLate({ transport, url, name, log, signal: outer }: LateBusOptions): LateBus {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  let bus: Bus | undefined;
  let isPatient = false;

  async function connectOnce(): Promise<Bus> {
    await using stack = new AsyncDisposableStack();
    const connected = stack.use(
      await connectBus({ transport, url, name, waitOnFirstConnect: true, signal, log }),
    );
    await ensureStreams(connected);
    signal.throwIfAborted();
    stack.move();
    return connected;
  }
  async function connect(): Promise<Bus | undefined> {
    while (!signal.aborted) {
      try {
        bus = await connectOnce();
        return bus;
      } catch (error) {
        if (signal.aborted) break;
        if (!isPatient) throw error;
        log.error({ err: error }, 'the bus cannot be used; this is tried again');
        await pause(AGAIN_AFTER_MS, signal);
      }
    }
    return undefined;
  }
  const arrived = connect();
  // Who uses it learns of its failure.
  arrived.catch(() => {});

  return {
    current: () => bus,
    isConnected: () => bus?.connected() ?? false,
    async use(work) {
      const there = await arrived;
      if (there !== undefined) await work(there);
    },
    keepTrying() {
      isPatient = true;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await arrived.catch(() => {});
      await bus?.[Symbol.asyncDispose]();
    },
  };
}
