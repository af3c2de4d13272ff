import { createHash } from 'node:crypto';
import { readJws, verifyJws } from '@sealtrack/jose/jws';
import { isSameAddress } from './same-address.ts';
import type { Ticket, TicketUse, TicketVerifier } from './ticket.ts';
import { parseClaims, type TicketClaims } from './ticket-claims.ts';
import { LEEWAY_SECONDS, MAX_LENGTH, TYPES } from './ticket-format.ts';
import { ticketInvalid } from './ticket-invalid.ts';
import type { TicketIssuers } from './ticket-issuers.ts';

export interface VerifierOptions {
  /** As they are now: another object when they changed. */
  readonly issuers: () => TicketIssuers;
  /** What a ticket may be valid for, from when it was made. */
  readonly maxSeconds: number;
  readonly now?: () => number;
}

/** A player asks for many ranges with one ticket, and its signature is the same each time. */
const KEPT = 1_000;

export function createTicketVerifier(options: VerifierOptions): TicketVerifier {
  const { issuers, maxSeconds, now = Date.now } = options;
  let keptFor: TicketIssuers | undefined;
  const kept = new Map<string, TicketClaims>();

  /** What it says, of a signature that is right by the issuers there are now. */
  async function signedClaims(ticket: string, known: TicketIssuers): Promise<TicketClaims> {
    if (known !== keptFor) kept.clear();
    keptFor = known;
    // Not the ticket itself, which is as good as a password.
    const id = createHash('sha256').update(ticket).digest('base64');
    const found = kept.get(id);
    if (found !== undefined) return found;
    const claims = await verifySignature(ticket, known);
    if (known === keptFor) kept.set(id, claims);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return claims;
  }

  return {
    async verify(ticket, use) {
      if (ticket === '') throw ticketInvalid('missing');
      if (ticket.length > MAX_LENGTH) throw ticketInvalid('malformed');
      const known = issuers();
      const claims = await signedClaims(ticket, known);
      if (known.get(claims.iss)?.mayIssueFor(claims.tenant) !== true) throw ticketInvalid('other-tenant');
      checkTimes(claims, maxSeconds, now() / 1000);
      checkUse(claims, use);
      return toTicket(claims);
    },
  };
}

async function verifySignature(ticket: string, issuers: TicketIssuers): Promise<TicketClaims> {
  const read = readJws(ticket, MAX_LENGTH);
  if (read === undefined || !TYPES.includes(read.header.typ.toLowerCase()) || read.header.x5c !== undefined)
    throw ticketInvalid('malformed');
  const { iss } = read.claims;
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined;
  if (issuer === undefined) throw ticketInvalid('unknown-issuer');
  const key = issuer.key(read.header.kid);
  if (key === undefined || !(await verifyJws(read, key))) throw ticketInvalid('bad-signature');
  return parseClaims(read.claims);
}

function checkTimes({ iat, nbf = iat, exp }: TicketClaims, maxSeconds: number, now: number): void {
  if (exp <= iat) throw ticketInvalid('bad-claim', { claim: 'exp' });
  if (exp - iat > maxSeconds) throw ticketInvalid('too-long', { maxSeconds: String(maxSeconds) });
  if (now < Math.max(iat, nbf) - LEEWAY_SECONDS) throw ticketInvalid('not-yet-valid');
  if (now >= exp + LEEWAY_SECONDS) throw ticketInvalid('expired');
}

function checkUse({ tenant, recording, media, addr }: TicketClaims, use: TicketUse): void {
  if (tenant !== use.tenantId) throw ticketInvalid('other-tenant');
  if (recording !== use.recordingId) throw ticketInvalid('other-recording');
  if (media !== use.mediaId) throw ticketInvalid('other-media');
  if (addr !== undefined && !isSameAddress(addr, use.clientAddress)) throw ticketInvalid('other-address');
}

const toTicket = ({ jti, iss, sub, tenant, recording, media, act, addr, exp }: TicketClaims): Ticket => ({
  ticketId: jti,
  issuer: iss,
  user: sub,
  tenantId: tenant,
  recordingId: recording,
  mediaId: media,
  action: act,
  clientAddress: addr,
  expires: new Date(exp * 1000),
});
