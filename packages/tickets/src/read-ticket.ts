import { readJws } from '@sealtrack/jose/jws';
import { MAX_LENGTH } from './ticket-format.ts';
import { ticketInvalid } from './ticket-invalid.ts';

/** What a ticket says of itself, which anybody may have written. */
export interface UnverifiedTicket {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** @throws AppError TICKET_INVALID for what is no ticket at all. */
export function readTicket(ticket: string): UnverifiedTicket {
  const read = readJws(ticket, MAX_LENGTH);
  if (read === undefined) throw ticketInvalid('malformed');
  return { header: read.header, claims: read.claims };
}
