import type { LiveEvent } from '../../../src/api/live.ts';

/** As many as are drawn and kept. */
export const MOST_EVENTS = 500;

/** The newest events, newest first; and those that came while it was paused, which are held back. */
export interface EventBuffer {
  readonly shown: readonly LiveEvent[];
  readonly held: readonly LiveEvent[];
  readonly isPaused: boolean;
  /** Events since it began that were not sent, since there were more in a second than are looked at. */
  readonly notShown: number;
}

export const EMPTY: EventBuffer = { shown: [], held: [], isPaused: false, notShown: 0 };

/** @param events oldest first, as they come. The same event may come again after a reconnect. */
export function addEvents(buffer: EventBuffer, events: readonly LiveEvent[]): EventBuffer {
  const into = buffer.isPaused ? 'held' : 'shown';
  const known = new Set([...buffer.shown, ...buffer.held].map(({ id }) => id));
  const fresh = events.filter(({ id }) => !known.has(id) && known.add(id));
  if (fresh.length === 0) return buffer;
  return { ...buffer, [into]: [...fresh.toReversed(), ...buffer[into]].slice(0, MOST_EVENTS) };
}

export const pause = (buffer: EventBuffer): EventBuffer => ({ ...buffer, isPaused: true });

export const resume = ({ shown, held, notShown }: EventBuffer): EventBuffer => ({
  shown: [...held, ...shown].slice(0, MOST_EVENTS),
  held: [],
  isPaused: false,
  notShown,
});

export const clear = (buffer: EventBuffer): EventBuffer => ({ ...EMPTY, isPaused: buffer.isPaused });
