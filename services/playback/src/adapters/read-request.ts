import type { IncomingMessage } from 'node:http';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaId, RecordingId } from '@sealtrack/ids/ids';
import { parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import { ticketInvalid } from '@sealtrack/tickets/ticket-invalid';

export type Route =
  | { readonly name: 'healthz' }
  | { readonly name: 'media'; readonly recordingId: RecordingId; readonly mediaId: MediaId }
  | { readonly name: 'unknown' };

export interface Target {
  readonly route: Route;
  readonly query: URLSearchParams;
}

const MEDIA = /^\/v1\/recordings\/([^/]*)\/media\/([^/]*)$/;

/** @throws AppError INVALID_ARGUMENT for ids that are none. */
export function readTarget(url: string): Target {
  // As it was sent: nothing that is served has an escape in its path.
  const [path = '', ...queries] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?');
  const query = new URLSearchParams(queries.join('?'));
  if (path === '/healthz') return { route: { name: 'healthz' }, query };
  const [, recording, media] = MEDIA.exec(path) ?? [];
  if (recording === undefined || media === undefined || media === '')
    return { route: { name: 'unknown' }, query };
  const ids = { recordingId: parseRecordingId(recording), mediaId: parseMediaId(media) };
  return { route: { name: 'media', ...ids }, query };
}

/** Of the header, or of the address, which is all that an <audio> has. @throws AppError INVALID_ARGUMENT, TICKET_INVALID. */
export function readTicket({ headers }: IncomingMessage, query: URLSearchParams): string {
  const [, bearer] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  const tickets = [...query.getAll('ticket'), ...(bearer === undefined ? [] : [bearer])];
  const [ticket, ...more] = tickets;
  // RFC 6750, 2.
  if (more.length > 0)
    throw new AppError('INVALID_ARGUMENT', 'There is more than one ticket', {
      fix: 'Give one, in the address or in the header Authorization.',
      details: { field: 'ticket' },
    });
  if (ticket !== undefined && ticket !== '') return ticket;
  throw ticketInvalid('missing');
}
