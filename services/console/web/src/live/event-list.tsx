import { type KeyboardEvent, memo, useRef, useState, useSyncExternalStore } from 'react';
import type { LiveEvent } from '../../../src/api/live.ts';
import { localTime } from '../times.ts';
import { summaryOf } from './summary-of.ts';
import { visibleRows } from './visible-rows.ts';

interface EventListProps {
  readonly events: readonly LiveEvent[];
  readonly onOpen: (event: LiveEvent) => void;
  readonly empty: string;
}

/** CSS pixels, as live.css has them. */
const ROW = 30;
const ROW_WHERE_NARROW = 48;
const MOST_SEEN = 600;

const narrow = () => matchMedia('(max-width: 760px)');
const onNarrow = (listener: () => void) => {
  const query = narrow();
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
};

/**
 * The newest events in a box that never changes its size, of which only what is seen is drawn. It stands still while somebody points
 * at it, is in it with the keyboard, or has scrolled it: nothing moves away under his hands. Arrow keys go from one to the next.
 */
export const EventList = memo(function EventList({ events, onOpen, empty }: EventListProps) {
  const box = useRef<HTMLDivElement>(null);
  const height = useSyncExternalStore(onNarrow, () => (narrow().matches ? ROW_WHERE_NARROW : ROW));
  const [scrolledTo, setScrolledTo] = useState(0);
  const [held, setHeld] = useState<readonly LiveEvent[]>();
  const [active, setActive] = useState(0);
  const shown = held ?? events;
  const { from, to } = visibleRows(shown.length, height, scrolledTo, MOST_SEEN);
  const hold = () => setHeld((before) => before ?? events);
  const letGo = () => {
    const { current } = box;
    if (current === null || current.matches(':hover, :focus-within') || current.scrollTop > 0) return;
    setHeld(undefined);
    setActive(0);
  };
  const onScroll = () => {
    const top = box.current?.scrollTop ?? 0;
    setScrolledTo(top);
    if (top > 0) hold();
    else letGo();
  };
  const go = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = Math.min(Math.max(active + by, 0), shown.length - 1);
    setActive(next);
    box.current?.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus();
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: It only stands still for who points at it; its buttons do what there is to do. */}
      <div
        ref={box}
        className="event-box"
        onScroll={onScroll}
        onPointerEnter={hold}
        onPointerLeave={letGo}
        onFocus={hold}
        onBlur={() => requestAnimationFrame(letGo)}
      >
        {shown.length === 0 ? <p className="muted event-none">{empty}</p> : null}
        <ul
          className="event-list"
          aria-label="Events, newest first"
          style={{ height: shown.length * height }}
          onKeyDown={go}
        >
          {shown.slice(from, to).map((event, i) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: What changes is what a row says, and no row moves.
              key={from + i}
              style={{ top: (from + i) * height }}
              aria-setsize={shown.length}
              aria-posinset={from + i + 1}
            >
              <EventButton
                event={event}
                onOpen={onOpen}
                row={from + i}
                isStop={Math.min(Math.max(active, from), to - 1) === from + i}
                onActive={setActive}
              />
            </li>
          ))}
        </ul>
      </div>
      <p className="muted small event-held">
        {held === undefined || held === events ? '' : 'It stands still while you are in it. Newer ones wait.'}
      </p>
    </>
  );
});

interface EventButtonProps {
  readonly event: LiveEvent;
  readonly onOpen: (event: LiveEvent) => void;
  readonly row: number;
  /** Where the Tab key goes to. */
  readonly isStop: boolean;
  readonly onActive: (row: number) => void;
}

const EventButton = memo(function EventButton({ event, onOpen, row, isStop, onActive }: EventButtonProps) {
  return (
    <button
      type="button"
      className="event"
      data-row={row}
      tabIndex={isStop ? 0 : -1}
      onFocus={() => onActive(row)}
      onClick={() => onOpen(event)}
    >
      <span className="event-time number">{localTime(new Date(event.at), 'second').slice(11)}</span>
      <span className={`event-kind${isAlarm(event.kind) ? ' is-alarm' : ''}`}>{event.kind}</span>
      <span className="event-about">{summaryOf(event)}</span>
    </button>
  );
});

const isAlarm = (kind: string): boolean => /quarantined|kept-in-clear|expired|revoked|dead-letter/.test(kind);
