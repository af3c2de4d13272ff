import type { MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';

/** What a ticket lets somebody do, once it was verified. */
export interface Ticket {
  /** Of the ticket itself. */
  readonly ticketId: string;
  /** Who made it: the issuer that its key belongs to. */
  readonly issuer: string;
  /** For whom, in the issuer's words. */
  readonly user: string;
  readonly tenantId: TenantId;
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  /** play: any number of times until it expires. export: once. */
  readonly action: 'play' | 'export';
  /** Where it may be played: undefined for anywhere. */
  readonly clientAddress: string | undefined;
  readonly expires: Date;
}

/** What somebody wants to do with a ticket. */
export interface TicketUse {
  readonly tenantId: TenantId;
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  /** Empty when it is not known. */
  readonly clientAddress: string;
}

export interface TicketVerifier {
  /** Offline. Throws TICKET_INVALID, which says what is wrong: expired, for something else, not of a known issuer. */
  verify(ticket: string, use: TicketUse): Promise<Ticket>;
}
