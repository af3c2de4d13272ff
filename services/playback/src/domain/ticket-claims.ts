import { AppError } from '@sealtrack/errors/app-error';
import { isTenantId, type TenantId } from '@sealtrack/ids/ids';

/** What a ticket says of itself. Nobody has verified it: that is the crypto server's. */
export interface TicketClaims {
  readonly tenantId: TenantId;
  /** Once only, and as a whole. */
  readonly isExport: boolean;
}

/** As with the crypto servers, which take no longer one. */
const MAX_LENGTH = 4096;

/** Looks into a compact JWS. @throws AppError TICKET_INVALID for what is none. */
export function readClaims(ticket: string): TicketClaims {
  const [, payload, signature, ...more] = ticket.length > MAX_LENGTH ? [] : ticket.split('.');
  const claims = payload === undefined || signature === undefined || more.length > 0 ? {} : parse(payload);
  const tenant = 'tenant' in claims ? claims.tenant : undefined;
  if (typeof tenant !== 'string' || !isTenantId(tenant))
    throw new AppError('TICKET_INVALID', 'This is no playback ticket', {
      fix: 'Give the whole ticket, as the application made it: docs/tickets.md says what is in one.',
      details: { reason: 'malformed' },
    });
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
