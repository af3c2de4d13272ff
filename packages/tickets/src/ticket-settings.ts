import { setting } from '@sealtrack/service-kit/config';
import { path, wholeNumber } from '@sealtrack/service-kit/config-types';

/** What the longest setting is, and with it how long a ticket has to be remembered that may be used once. */
export const MAX_TICKET_SECONDS = 24 * 3600;

/** The settings of a service that verifies tickets. */
export const ticketSettings = {
  ticketIssuersFile: setting(
    'SEALTRACK_TICKET_ISSUERS',
    path.optional(),
    'who may make playback tickets, and their public keys: JSON as sealtrack tickets create-issuer writes it, read again when it changes; nobody unless told',
  ),
  ticketMaxSeconds: setting(
    'SEALTRACK_TICKET_MAX_SECONDS',
    wholeNumber(1, MAX_TICKET_SECONDS).default(3600),
    'the longest that a playback ticket may be valid, 3600 seconds unless told',
  ),
};

export interface TicketConfig {
  readonly ticketIssuersFile: string | undefined;
  readonly ticketMaxSeconds: number;
}
