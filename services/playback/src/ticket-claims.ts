import { isTenantId, type TenantId } from '@sealtrack/ids/ids';
import { MAX_LENGTH } from '@sealtrack/tickets/ticket-format';
import { ticketInvalid } from '@sealtrack/tickets/ticket-invalid';

/** What a ticket says of itself. Nobody has verified it: that is the crypto server's. */
export interface TicketClaims {
  readonly tenantId: TenantId;
  /** Once only, and as a whole. */
  readonly isExport: boolean;
}

/** Looks into a compact JWS. @throws AppError TICKET_INVALID for what is none. */
export function readClaims(ticket: string): TicketClaims {
  const [, payload, signature, ...more] = ticket.length > MAX_LENGTH ? [] : ticket.split('.');
  const claims = payload === undefined || signature === undefined || more.length > 0 ? {} : parse(payload);
  const tenant = 'tenant' in claims ? claims.tenant : undefined;
  if (typeof tenant !== 'string' || !isTenantId(tenant)) throw ticketInvalid('malformed');
  return { tenantId: tenant, isExport: 'act' in claims && claims.act === 'export' };
}

function parse(payload: string): object {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
