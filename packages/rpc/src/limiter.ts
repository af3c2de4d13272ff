import type { CallLimits, Refusal, RefusalReason } from './call-limits.ts';

/** One call that was let in. */
export interface Place {
  /**
   * Its request has so many more bytes in memory here. Says so when that is too many: the call has to end then, and they count
   * until it did.
   */
  hold(bytes: number): Refusal | undefined;
  /** They were handed on. */
  release(): void;
  /** It is over, however often that is said. */
  leave(): void;
}

export interface Limiter {
  /** @param id who calls. */
  enter(id: string): Place | Refusal;
  /** Callers that are known; what they are allowed again in full is forgotten. */
  readonly callers: number;
}

export const isRefusal = (entered: Place | Refusal): entered is Refusal => 'reason' in entered;

export interface LimiterOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
  /** Bytes of requests in memory, of all callers; of one, half of it. 64 MiB unless told: each is decoded into as much again. */
  readonly requestBytes?: number;
}

interface Caller {
  /** Calls that it may make at once, as of `at`. */
  tokens: number;
  at: number;
  /** Until then those that were refused were told to come again. */
  slot: number;
  underWay: number;
  bytes: number;
}

/** A place becomes free when somebody's call ends, and nobody knows when that is. */
const FULL_MS = 500;
const RATE_MS = 50;
/** Few different answers, so that each is made once. */
const STEP_MS = 25;
/** Clients ask again after 5 s whatever they are told. */
const MAX_MS = 4_000;

/**
 * Lets calls in as far as there may be more. One that is not let in costs a look at a table: nothing waits here, so whoever is let in
 * is behind nobody who was not. Who is refused is told to come when there is room for him, one behind the other.
 */
export function createLimiter(limits: CallLimits, options: LimiterOptions = {}): Limiter {
  const { now = () => performance.now(), random = Math.random, requestBytes = 64 * 1024 * 1024 } = options;
  const { burst, atOnce, allAtOnce } = limits;
  const perMs = limits.perSecond / 1_000;
  /** The services of a system have few calls at a time, and are to be answered while others have all that they may. */
  const kept = Math.ceil(allAtOnce / 10);
  const few = Math.max(1, Math.floor(kept / 10));
  const callers = new Map<string, Caller>();
  let looked = callers.entries();
  let underWay = 0;
  let bytes = 0;

  function refill(caller: Caller, time: number): void {
    caller.tokens = Math.min(burst, caller.tokens + (time - caller.at) * perMs);
    caller.at = time;
  }

  /** For each that comes, two are looked at: so they never become more than twice those that have to be known. */
  function forgetSome(time: number): void {
    for (let i = 0; i < 2; i += 1) {
      const next = looked.next();
      if (next.done) {
        looked = callers.entries();
        return;
      }
      const [id, caller] = next.value;
      if (caller.underWay > 0 || caller.bytes > 0 || caller.slot > time) continue;
      refill(caller, time);
      if (caller.tokens >= burst) callers.delete(id);
    }
  }

  function callerOf(id: string, time: number): Caller {
    const known = callers.get(id);
    if (known !== undefined) {
      refill(known, time);
      return known;
    }
    forgetSome(time);
    const caller = { tokens: burst, at: time, slot: time, underWay: 0, bytes: 0 };
    callers.set(id, caller);
    return caller;
  }

  function refuse(caller: Caller, time: number, reason: RefusalReason): Refusal {
    const atLeast = reason === 'caller-rate' ? RATE_MS : FULL_MS;
    caller.slot = Math.min(Math.max(caller.slot, time) + 1 / perMs, time + MAX_MS);
    const wait = caller.slot - time;
    // When more were refused than there are places in line, they are told any time of it.
    const turn = wait < MAX_MS ? wait : MAX_MS * random();
    const ms = atLeast * (1 + random()) + turn;
    return { reason, retryAfterMs: Math.ceil(ms / STEP_MS) * STEP_MS };
  }

  const isFull = (caller: Caller) =>
    underWay >= allAtOnce || (underWay >= allAtOnce - kept && caller.underWay >= few);

  function place(caller: Caller): Place {
    let isIn = true;
    let held = 0;
    const release = () => {
      caller.bytes -= held;
      bytes -= held;
      held = 0;
    };
    return {
      hold(more) {
        if (!isIn) return undefined;
        held += more;
        caller.bytes += more;
        bytes += more;
        if (bytes <= requestBytes && caller.bytes <= requestBytes / 2) return undefined;
        return refuse(caller, now(), 'request-bytes');
      },
      release,
      leave() {
        if (!isIn) return;
        isIn = false;
        release();
        caller.underWay -= 1;
        underWay -= 1;
      },
    };
  }

  return {
    enter(id) {
      const time = now();
      const caller = callerOf(id, time);
      if (caller.underWay >= atOnce) return refuse(caller, time, 'caller-calls');
      if (isFull(caller)) return refuse(caller, time, 'all-calls');
      if (caller.tokens < 1) return refuse(caller, time, 'caller-rate');
      caller.tokens -= 1;
      caller.underWay += 1;
      underWay += 1;
      return place(caller);
    },
    get callers() {
      return callers.size;
    },
  };
}
