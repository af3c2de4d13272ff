import { type KeyObject, randomUUID } from 'node:crypto';
import { signJws } from '@sealtrack/jose/jws';
import type { Ticket } from './ticket.ts';
import { AUDIENCE, TYPE } from './ticket-format.ts';

export interface NewTicket extends Omit<Ticket, 'ticketId' | 'expires' | 'clientAddress'> {
  readonly clientAddress?: string | undefined;
  readonly lifetimeSeconds: number;
}

export interface TicketKey {
  readonly key: KeyObject;
  /** What the file of issuers calls its public half; may be left out where the issuer has one key only. */
  readonly kid?: string | undefined;
}

export interface SignedTicket {
  /** For one user, and nobody else: whoever has it may do what it says. */
  readonly ticket: string;
  readonly ticketId: string;
  readonly expires: Date;
}

/**
 * Makes a ticket, as an application does. Nothing is checked here: `TicketVerifier.verify` decides.
 * @throws AppError CONFIG_INVALID for a key that no tickets can be signed with.
 */
export async function signTicket(
  { lifetimeSeconds, ...wanted }: NewTicket,
  { key, kid }: TicketKey,
  now: Date,
): Promise<SignedTicket> {
  const iat = Math.floor(now.getTime() / 1000);
  const exp = iat + lifetimeSeconds;
  const ticketId = randomUUID();
  const claims = {
    iss: wanted.issuer,
    sub: wanted.user,
    aud: AUDIENCE,
    iat,
    nbf: iat,
    exp,
    jti: ticketId,
    tenant: wanted.tenantId,
    recording: wanted.recordingId,
    media: wanted.mediaId,
    act: wanted.action,
    ...(wanted.clientAddress !== undefined && { addr: wanted.clientAddress }),
  };
  const ticket = await signJws(claims, key, { typ: TYPE, ...(kid !== undefined && { kid }) });
  return { ticket, ticketId, expires: new Date(exp * 1000) };
}
