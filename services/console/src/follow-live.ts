import type { LiveMessage, LiveSecond, LiveState } from './api/live.ts';
import { createKindMatcher } from './domain/match-kinds.ts';
import { ENCRYPTED, STORED } from './domain/measure-recordings.ts';
import { createSampler } from './domain/sampler.ts';
import { createSecondCounter } from './domain/second-counter.ts';
import type { EventSink } from './event-sink.ts';
import type { FedEvent } from './fed-event.ts';
import { type LiveHub, sumOf } from './live-hub.ts';

export interface LiveRequest {
  readonly tenantId: string;
  /** See createKindMatcher. */
  readonly kind: string;
  /** Only events in which it stands, in any case; all when empty. */
  readonly text: string;
  /** Events a second, at most. */
  readonly sample: number;
}

export interface FollowLiveDeps {
  readonly hub: LiveHub;
  /** What the person may know of the state now. Never fails. */
  readonly state: () => Promise<LiveState>;
}

/** Seconds that wait for a browser which takes nothing; what is older is of no use to it. */
const SECONDS_KEPT = 120;
const STATE_EVERY_TICKS = 8;

/**
 * Sends what happens for a tenant, from the last two minutes on: counts of each second, some of the events, and the state whenever it is
 * another one. A browser that takes nothing gets fewer events, and is told how many it did not get. Until it is disposed.
 */
export function followLive(
  { hub, state }: FollowLiveDeps,
  { tenantId, kind, text, sample }: LiveRequest,
  sink: EventSink<LiveMessage>,
): Disposable {
  const isKind = createKindMatcher(kind);
  const needle = text.toLowerCase();
  const matches = (event: FedEvent): boolean =>
    isKind(event.kind) && (needle === '' || event.searchable().includes(needle));
  const counter = createSecondCounter();
  let shown = 0;
  /** There is more than is shown, so that what is shown is chosen from a whole second. */
  let isBusy = false;
  const sampler = createSampler<FedEvent>(() => sample - shown);
  const seconds: LiveMessage[] = pastSeconds(hub.history(tenantId), isKind, needle);
  const tellState = createStateTeller(state, sink);

  const showEvents = (): void => {
    const events = sampler.take();
    if (events.length === 0 || sink.isBlocked()) return;
    shown += events.length;
    sink.send([{ type: 'events', events: events.map((event) => event.shown()) }]);
  };
  const showSeconds = (): void => {
    if (seconds.length > 0 && !sink.isBlocked()) sink.send(seconds.splice(0));
  };
  showSeconds();
  tellState();

  let ticks = 0;
  return hub.follow(tenantId, {
    event(event, measured) {
      if (!matches(event)) return;
      counter.add(event.kind, measured);
      sampler.add(event.kind, event);
    },
    second(at) {
      showEvents();
      const total = counter.total();
      const second = { at: at.toISOString(), ...counter.take(), notShown: total - shown };
      isBusy = total > sample;
      shown = 0;
      seconds.push({ type: 'second', second });
      if (seconds.length > SECONDS_KEPT) seconds.shift();
      showSeconds();
    },
    tick() {
      if (!isBusy && !sink.isBlocked()) showEvents();
      showSeconds();
      ticks += 1;
      if (ticks % STATE_EVERY_TICKS === 0) tellState();
    },
    gap: () => sink.end(),
  });
}

/** Of what a filter of kinds lets through; what had a text in it was not counted then. */
function pastSeconds(
  history: readonly LiveSecond[],
  isKind: (kind: string) => boolean,
  needle: string,
): LiveMessage[] {
  if (needle !== '') return [];
  return history.map((each) => {
    const events = Object.fromEntries(Object.entries(each.events).filter(([kind]) => isKind(kind)));
    const second = {
      ...{ ...each, events, notShown: sumOf(events) },
      ...(!isKind(ENCRYPTED) && { encrypted: 0, bytes: 0 }),
      ...(!isKind(STORED) && { latencyP50Ms: null, latencyP99Ms: null }),
    };
    return { type: 'second', second };
  });
}

/** Sends the state where it is another one than was sent, one question at a time. */
function createStateTeller(state: () => Promise<LiveState>, sink: EventSink<LiveMessage>): () => void {
  let told = '';
  let isAsking = false;
  return () => {
    if (isAsking || sink.isBlocked()) return;
    isAsking = true;
    void state().then((current) => {
      isAsking = false;
      const text = JSON.stringify(current);
      if (text === told || sink.isBlocked()) return;
      told = text;
      sink.send([{ type: 'state', state: current }]);
    });
  };
}
