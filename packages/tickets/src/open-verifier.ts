import type { Log } from '@sealtrack/service-kit/logger';
import { watchFile } from '@sealtrack/service-kit/watched-file';
import { createTicketVerifier } from './create-verifier.ts';
import type { TicketVerifier } from './ticket.ts';
import { parseTicketIssuers, type TicketIssuers } from './ticket-issuers.ts';
import type { TicketConfig } from './ticket-settings.ts';

const NOBODY: TicketIssuers = new Map();

/**
 * Verifies by the issuers of the file that the settings name, as it is now; without one no ticket is taken.
 * @throws AppError CONFIG_INVALID when the file cannot be used. One that cannot be used later on leaves the issuers as they were.
 */
export async function openTicketVerifier(
  { ticketIssuersFile, ticketMaxSeconds: maxSeconds }: TicketConfig,
  log: Log,
): Promise<TicketVerifier & Disposable> {
  if (ticketIssuersFile === undefined)
    return { ...createTicketVerifier({ issuers: () => NOBODY, maxSeconds }), [Symbol.dispose]: () => {} };
  const file = await watchFile(ticketIssuersFile, {
    parse: parseTicketIssuers,
    what: 'ticket issuers',
    fix: 'Make it as sealtrack tickets create-issuer writes it (docs/tickets.md), readable by the user of this service; the cause says what is wrong.',
    log,
  });
  return {
    ...createTicketVerifier({ issuers: () => file.value, maxSeconds }),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}
