import type { Access } from '@sealtrack/access/access';
import { may } from '@sealtrack/access/may';
import { hasCode } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import { userOf } from '@sealtrack/ids/person-names';
import type { TicketVerifier } from '@sealtrack/tickets/ticket';
import { ticketInvalid } from '@sealtrack/tickets/ticket-invalid';
import { type Caller, hostOf } from './caller-context.ts';
import type { KeyUse, OnBehalfOf } from './key-use.ts';
import type { UsedTickets } from './ports.ts';

export interface WantedPlayback
  extends Pick<KeyUse, 'tenantId' | 'recordingId' | 'mediaId' | 'ticket' | 'clientAddress'> {
  readonly caller: Caller;
}

export interface AuthorisedPlayback {
  readonly action: 'play' | 'export';
  readonly onBehalfOf: OnBehalfOf;
  /**
   * Uses the ticket up where it is for one use: before anything is put on record, and only by the server that was asked to play.
   * Throws TICKET_INVALID when it was used before, and what the bus throws when that cannot be told.
   */
  useOnce(): Promise<void>;
}

/** Throws PERMISSION_DENIED, or TICKET_INVALID. */
export type AuthorisePlayback = (wanted: WantedPlayback) => Promise<AuthorisedPlayback>;

export interface AuthorisePlaybackDeps {
  readonly access: Pick<Access, 'authorise'>;
  readonly tickets: TicketVerifier;
  readonly used: UsedTickets;
}

/**
 * Whether a caller may play, by itself or on behalf of whoever has a ticket (docs/tickets.md). Asked for each range, whatever is
 * known from the one before.
 */
export function createAuthorisePlayback({ access, tickets, used }: AuthorisePlaybackDeps): AuthorisePlayback {
  return async (wanted) => {
    const { tenantId, recordingId, mediaId, caller } = wanted;
    const person = userOf(caller.names);
    // A person plays for nobody else, whatever his groups may; nor is he where he says: his address is not the console's word to give.
    const playsForOthers =
      person === undefined && may(access, caller.names, 'media.play-for-others', tenantId);
    if (wanted.ticket === '') {
      playByItself(access, caller, tenantId, playsForOthers);
      return { action: 'play', onBehalfOf: { user: person ?? '', ticketId: '' }, useOnce: async () => {} };
    }
    // Whoever plays for nobody else plays where it is itself, whatever it says.
    if (!playsForOthers) access.authorise(caller.names, 'media.play', tenantId);
    const clientAddress = playsForOthers ? wanted.clientAddress : hostOf(caller.peer);
    const ticket = await tickets.verify(wanted.ticket, { tenantId, recordingId, mediaId, clientAddress });
    return {
      action: ticket.action,
      onBehalfOf: { user: person ?? ticket.user, ticketId: ticket.ticketId },
      useOnce: async () => {
        if (ticket.action === 'export') await used.use(ticket);
      },
    };
  };
}

/** A gateway that passes no ticket on is told so: what lacks is the ticket, and not a role. */
function playByItself(
  access: Pick<Access, 'authorise'>,
  { names }: WantedPlayback['caller'],
  tenantId: TenantId,
  playsForOthers: boolean,
): void {
  try {
    access.authorise(names, 'media.play', tenantId);
  } catch (error) {
    throw playsForOthers && hasCode(error, 'PERMISSION_DENIED') ? ticketInvalid('missing') : error;
  }
}
