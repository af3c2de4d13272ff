import type { LiveEvent, LiveMessage, LiveSecond, LiveState } from '../../../src/api/live.ts';
import { readEventStream } from '../event-stream.ts';
import { addEvents, clear, EMPTY, type EventBuffer, pause, resume } from './event-buffer.ts';
import { untilSeen, watchUnseen } from './page-seen.ts';
import { addSecond, NO_SECONDS, type SecondsWindow } from './seconds-window.ts';

export type Connection =
  | { readonly state: 'connecting' | 'open' }
  /** `since` it was lost. */
  | { readonly state: 'lost'; readonly since: Date; readonly error: unknown };

/** What a page of live events shows. Parts that did not change are the same objects as before. */
export interface Live {
  readonly connection: Connection;
  readonly buffer: EventBuffer;
  readonly seconds: SecondsWindow;
  readonly state: LiveState | undefined;
}

export interface LiveStore {
  subscribe(listener: () => void): () => void;
  current(): Live;
  pause(): void;
  resume(): void;
  clear(): void;
  /** Ends it, and whatever it waits for. */
  stop(): void;
}

const BEGINNING: Live = {
  connection: { state: 'connecting' },
  buffer: EMPTY,
  seconds: NO_SECONDS,
  state: undefined,
};

/** What is shown moves no more often than this, however much comes. */
const EVERY_MS = 250;
/** A second is told each second: when none is, the connection is dead, though nobody has said so. */
const SILENCE_MS = 15_000;
const RETRY_MS = [500, 1000, 2000, 5000];

/**
 * Follows a stream of live messages and keeps what is shown of it, until it is stopped. What comes is gathered, and drawn with the
 * next frame that is due: none while nobody looks at the page.
 */
export function createLiveStore(address: string): LiveStore {
  const listeners = new Set<() => void>();
  const stopping = new AbortController();
  let live = BEGINNING;
  let events: LiveEvent[] = [];
  let seconds: LiveSecond[] = [];
  let frame = 0;
  let shownAt = 0;

  const show = (change: Partial<Live>) => {
    live = { ...live, ...change };
    for (const listener of listeners) listener();
  };
  const draw = (now: number) => {
    if (now - shownAt < EVERY_MS) {
      frame = requestAnimationFrame(draw);
      return;
    }
    frame = 0;
    shownAt = now;
    const notShown = live.buffer.notShown + countNotShown(live.seconds, seconds);
    const buffer = addEvents(live.buffer, events);
    const window = seconds.reduce(addSecond, live.seconds);
    events = [];
    seconds = [];
    show({ buffer: notShown === buffer.notShown ? buffer : { ...buffer, notShown }, seconds: window });
  };
  const take = (message: LiveMessage) => {
    if (message.type === 'state') return show({ state: message.state });
    // Those who come back to a page that was hidden want the newest.
    if (message.type === 'events') events = [...events, ...message.events].slice(-1000);
    else seconds = [...seconds, message.second].slice(-240);
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  void follow(address, stopping.signal, take, (connection) => show({ connection }));

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: () => live,
    pause: () => show({ buffer: pause(live.buffer) }),
    resume: () => show({ buffer: resume(live.buffer) }),
    clear: () => show({ buffer: clear(live.buffer) }),
    stop: () => {
      stopping.abort();
      cancelAnimationFrame(frame);
    },
  };
}

/** Those from before the page was opened, which come first, do not count; nor do those that come again after a reconnect. */
const countNotShown = ({ newest }: SecondsWindow, seconds: readonly LiveSecond[]): number =>
  seconds
    .filter(({ at }) => newest !== undefined && Math.floor(Date.parse(at) / 1000) > newest)
    .reduce((sum, second) => sum + second.notShown, 0);

async function follow(
  address: string,
  signal: AbortSignal,
  take: (message: LiveMessage) => void,
  say: (connection: Connection) => void,
): Promise<void> {
  let since: Date | undefined;
  for (let failures = 0; !signal.aborted; failures++) {
    let isOpen = false;
    await untilSeen(signal);
    const silence = watchSilence(signal);
    const unseen = watchUnseen(silence.signal);
    try {
      for await (const message of readEventStream<LiveMessage>(address, unseen.signal)) {
        silence.heard();
        if (!isOpen) say({ state: 'open' });
        isOpen = true;
        since = undefined;
        failures = 0;
        take(message);
      }
      throw new Error('The stream of events has ended');
    } catch (error) {
      if (signal.aborted) return;
      if (unseen.isOver()) {
        failures = -1;
        continue;
      }
      since ??= new Date();
      say({ state: 'lost', since, error });
    } finally {
      silence.end();
      unseen.end();
    }
    await pauseFor(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0, signal);
  }
}

function watchSilence(signal: AbortSignal) {
  const silent = new AbortController();
  const end = () => silent.abort(new Error('The console has said nothing for a while'));
  let timer = setTimeout(end, SILENCE_MS);
  return {
    signal: AbortSignal.any([signal, silent.signal]),
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE_MS);
    },
    end: () => clearTimeout(timer),
  };
}

const pauseFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        done();
      },
      { once: true },
    );
  });
