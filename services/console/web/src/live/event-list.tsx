import { type KeyboardEvent, memo } from 'react';
import type { LiveEvent } from '../../../src/api/live.ts';
import { localTime } from '../times.ts';
import { summaryOf } from './summary-of.ts';

interface EventListProps {
  readonly events: readonly LiveEvent[];
  readonly onOpen: (event: LiveEvent) => void;
  readonly empty: string;
}

/**
 * The newest events in a box that never changes its size. Arrow keys go from one to the next; all of them are one stop of the
 * Tab key.
 */
export const EventList = memo(function EventList({ events, onOpen, empty }: EventListProps) {
  return (
    <div className="event-box">
      {events.length === 0 ? <p className="muted event-none">{empty}</p> : null}
      <ul className="event-list" aria-label="Events, newest first" onKeyDown={moveByArrows}>
        {events.map((event, i) => (
          <EventRow key={event.id} event={event} onOpen={onOpen} isFirst={i === 0} />
        ))}
      </ul>
    </div>
  );
});

interface EventRowProps {
  readonly event: LiveEvent;
  readonly onOpen: (event: LiveEvent) => void;
  readonly isFirst: boolean;
}

const EventRow = memo(function EventRow({ event, onOpen, isFirst }: EventRowProps) {
  return (
    <li>
      <button type="button" className="event" tabIndex={isFirst ? 0 : -1} onClick={() => onOpen(event)}>
        <span className="event-time number">{localTime(new Date(event.at), 'second').slice(11)}</span>
        <span className={`event-kind${isAlarm(event.kind) ? ' is-alarm' : ''}`}>{event.kind}</span>
        <span className="event-about">{summaryOf(event)}</span>
      </button>
    </li>
  );
});

const isAlarm = (kind: string): boolean =>
  /quarantined|kept-in-clear|expired|revoked|dead-letter|failed/.test(kind);

function moveByArrows(event: KeyboardEvent<HTMLUListElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const row = event.target instanceof HTMLElement ? event.target.closest('li') : null;
  const next = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling;
  const button = next?.querySelector('button');
  if (button === null || button === undefined) return;
  event.preventDefault();
  button.focus();
}
