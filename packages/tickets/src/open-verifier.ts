import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import { watchFile } from '@sealtrack/service-kit/watched-file';
import { createTicketVerifier } from './create-verifier.ts';
import type { TicketVerifier } from './ticket.ts';
import { parseTicketIssuers, type TicketIssuers } from './ticket-issuers.ts';
import { type TicketConfig, ticketSettings } from './ticket-settings.ts';

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
  }).catch((error: unknown) => {
    throw whatIsWrong(error, ticketIssuersFile);
  });
  return {
    ...createTicketVerifier({ issuers: () => file.value, maxSeconds }),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** In the details too, which is what people are shown of a setting. */
function whatIsWrong(error: unknown, path: string): unknown {
  if (!hasCode(error, 'CONFIG_INVALID')) return error;
  const { message, fix, cause } = error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const details = {
    [ticketSettings.ticketIssuersFile.name]: `names ${path}, which cannot be used: ${reason}`,
  };
  return new AppError('CONFIG_INVALID', message, { fix, details, cause });
}
