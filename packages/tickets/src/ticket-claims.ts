import { isMediaId, isRecordingId, isTenantId } from '@sealtrack/ids/ids';
import { z } from 'zod';
import { canonicalAddress } from './same-address.ts';
import { AUDIENCE } from './ticket-format.ts';
import { ticketInvalid } from './ticket-invalid.ts';

// What would break a line, or hide in one: it is put on record, and read there by people.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Seconds since 1970, to the end of the year 9999. */
const seconds = z.int().positive().max(253_402_300_799);

/** What a ticket says (RFC 7519), once its signature is verified. Further claims are the issuer's own affair. */
const CLAIMS = z.object({
  iss: z.string(),
  sub: z
    .string()
    .min(1)
    .max(128)
    .refine((text) => !UNPRINTABLE.test(text)),
  aud: z.union([z.literal(AUDIENCE), z.array(z.string()).refine((all) => all.includes(AUDIENCE))]),
  iat: seconds,
  nbf: seconds.optional(),
  exp: seconds,
  jti: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  tenant: z.string().refine(isTenantId),
  recording: z.string().refine(isRecordingId),
  media: z.string().refine(isMediaId),
  act: z.enum(['play', 'export']),
  addr: z
    .string()
    .refine((text) => canonicalAddress(text) !== undefined)
    .optional(),
});

export type TicketClaims = z.infer<typeof CLAIMS>;

/** @throws AppError TICKET_INVALID, naming the first claim that is missing or of another form. */
export function parseClaims(claims: unknown): TicketClaims {
  const result = CLAIMS.safeParse(claims);
  if (result.success) return result.data;
  throw ticketInvalid('bad-claim', { claim: String(result.error.issues[0]?.path[0] ?? '') });
}
