import { AppError } from '@sealtrack/errors/app-error';

const NEW_ONE = 'Have a new ticket made';

/** Why a ticket is not taken; `details.reason` of the error. Nothing of the ticket itself is in it. */
const REASONS = {
  missing: ['A playback ticket is missing', 'Give the ticket that the application made for this user.'],
  malformed: [
    'This is no playback ticket',
    'Give the whole ticket, as the application made it: docs/tickets.md says what is in one.',
  ],
  'unknown-issuer': [
    'Nobody here knows the issuer of this ticket',
    'Put the issuer and its public key into the file of SEALTRACK_TICKET_ISSUERS: sealtrack tickets create-issuer makes both.',
  ],
  'bad-signature': [
    'The ticket is not signed with a key of its issuer, or was changed',
    'See that the application signs with the key whose public half is in the file of SEALTRACK_TICKET_ISSUERS, under this kid.',
  ],
  'bad-claim': [
    'The ticket lacks something, or says it in another form than it should',
    'Correct the application that makes tickets: docs/tickets.md lists the claims.',
  ],
  'too-long': ['The ticket is valid for longer than one may be', `${NEW_ONE}, for a shorter time.`],
  expired: ['The ticket has expired', `${NEW_ONE}.`],
  'not-yet-valid': [
    'The ticket is not valid yet',
    'Wait until it is; if it should be already, compare the clocks of the application and of this server.',
  ],
  'other-tenant': ['The ticket is for another tenant', `${NEW_ONE} for this tenant, by an issuer that may.`],
  'other-recording': ['The ticket is for another recording', `${NEW_ONE} for this recording.`],
  'other-media': ['The ticket is for another media file of the recording', `${NEW_ONE} for this one.`],
  'other-address': [
    'The ticket is for another address',
    `${NEW_ONE} for the address that it is used from, or for none. Behind a proxy, see which address the gateway is told.`,
  ],
  used: ['The ticket was used already, and it is for one use', `${NEW_ONE}.`],
} as const satisfies Record<string, readonly [message: string, fix: string]>;

export type TicketProblem = keyof typeof REASONS;

export function ticketInvalid(
  reason: TicketProblem,
  details: Readonly<Record<string, string>> = {},
): AppError {
  const [message, fix] = REASONS[reason];
  return new AppError('TICKET_INVALID', message, { fix, details: { reason, ...details } });
}
