import type { LiveSecond } from './api/live.ts';
import { createMeasure, type Measured } from './domain/measure-recordings.ts';
import {
  type Counted,
  createSecondCounter,
  NOTHING_COUNTED,
  type SecondCounter,
} from './domain/second-counter.ts';
import type { FedEvent } from './fed-event.ts';

/** Somebody who follows the events of a tenant. Nothing of it may fail, or take long. */
export interface LiveListener {
  event(event: FedEvent, measured: Measured): void;
  /** A second is over; each once, in their order. */
  second(at: Date): void;
  /** Several times a second. */
  tick(): void;
  /** Events may have been missed: whoever rests on all of them begins anew. */
  gap(): void;
}

/** Where the one stream of events goes to those who follow it. */
export interface LiveHub {
  take(event: FedEvent): void;
  /** To be called several times a second, so that seconds end also where nothing happens. */
  tick(): void;
  gap(): void;
  follow(tenantId: string, listener: LiveListener): Disposable;
  /** The last 120 seconds of a tenant, whoever followed it then, the oldest first. */
  history(tenantId: string): readonly LiveSecond[];
}

const HISTORY = 120;
/** Tenants whose past is kept. There may be more, whose past is not. */
const TENANTS = 1_000;

interface Past {
  readonly counter: SecondCounter;
  /** Those in which something happened. */
  readonly seconds: Map<number, Counted>;
}

/** @param now in milliseconds since 1970. */
export function createLiveHub(now: () => number): LiveHub {
  const measure = createMeasure();
  const listeners = new Map<string, Set<LiveListener>>();
  const pasts = new Map<string, Past>();
  let second = secondOf(now());

  const pastOf = (tenantId: string): Past | undefined => {
    const known = pasts.get(tenantId);
    if (known !== undefined || pasts.size >= TENANTS) return known;
    const past = { counter: createSecondCounter(), seconds: new Map<number, Counted>() };
    pasts.set(tenantId, past);
    return past;
  };
  const close = (at: number): void => {
    for (const [tenantId, { counter, seconds }] of pasts) {
      if (counter.total() > 0) seconds.set(at, counter.take());
      for (const old of seconds.keys()) if (old <= at - HISTORY) seconds.delete(old);
      if (seconds.size === 0) pasts.delete(tenantId);
    }
    for (const each of everybody(listeners)) each.second(new Date(at * 1000));
  };
  const roll = (): void => {
    const current = secondOf(now());
    // After a clock that was set, or a process that was asleep, nobody needs all that went by.
    if (Math.abs(current - second) > HISTORY) second = current;
    for (; second < current; second += 1) close(second);
  };

  return {
    take(event) {
      roll();
      const measured = measure(event);
      pastOf(event.tenantId)?.counter.add(event.kind, measured);
      for (const each of listeners.get(event.tenantId) ?? []) each.event(event, measured);
    },
    tick() {
      roll();
      for (const each of everybody(listeners)) each.tick();
    },
    gap() {
      for (const each of everybody(listeners)) each.gap();
    },
    follow(tenantId, listener) {
      const those = listeners.get(tenantId) ?? new Set();
      listeners.set(tenantId, those.add(listener));
      return {
        [Symbol.dispose]() {
          those.delete(listener);
          if (those.size === 0) listeners.delete(tenantId);
        },
      };
    },
    history(tenantId) {
      roll();
      const seconds = pasts.get(tenantId)?.seconds;
      return Array.from({ length: HISTORY }, (_, index) => {
        const at = second - HISTORY + index;
        const counted = seconds?.get(at) ?? NOTHING_COUNTED;
        return { at: new Date(at * 1000).toISOString(), ...counted, notShown: sumOf(counted.events) };
      });
    },
  };
}

const secondOf = (ms: number): number => Math.floor(ms / 1000);

/** As they are at the moment: they may leave while they are told something. */
const everybody = (listeners: ReadonlyMap<string, ReadonlySet<LiveListener>>): LiveListener[] =>
  [...listeners.values()].flatMap((each) => [...each]);

export const sumOf = (events: LiveSecond['events']): number =>
  Object.values(events).reduce((sum, count) => sum + count, 0);
