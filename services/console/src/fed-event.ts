import type { LiveEvent } from './api/live.ts';
import type { EventSubject } from './domain/event-subject.ts';

/** An event as it came from the bus. What takes work is done when it is asked for, once. */
export interface FedEvent extends EventSubject {
  /** Its body as JSON; as text where it is none. */
  body(): unknown;
  /** All that somebody could look for in it, in lower case. */
  searchable(): string;
  /** As pages get it. */
  shown(): LiveEvent;
}
