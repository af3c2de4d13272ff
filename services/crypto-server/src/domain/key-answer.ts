import { createHash } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { z } from 'zod';

/** What is answered to a key-request.ts: a statement of this kind, signed by whoever has the private key. */
export const KEY_ANSWER = 'key-answer';

/** What a holder may say of why it does not: anything else is its own affair, and another one may be asked. */
export const TOLD_CODES = [
  'KEY_NOT_HELD',
  'PERMISSION_DENIED',
  'TICKET_INVALID',
  'SEAL_BROKEN',
  'CERTIFICATE_DELETED',
  'ENVELOPE_INVALID',
  'TOO_MANY_DECRYPTIONS',
  'TOO_MANY_CALLS',
  'TOO_MANY_FAILURES',
  'SERVICE_UNAVAILABLE',
] as const;

const MAX_TEXT = 1_000;
const text = z.string().max(MAX_TEXT);

const CLAIMS = z.union([
  z.strictObject({
    /** SHA-256 of the request as it was sent: of everything in it, and so of the key that this is encrypted to. */
    request: z.string(),
    /** The session key, as encrypt-to-key.ts makes it. */
    jwe: z.string().max(2_000),
  }),
  z.strictObject({
    request: z.string(),
    error: z.strictObject({
      code: z.enum(TOLD_CODES),
      message: text,
      fix: text,
      details: z.record(z.string().max(100), text),
    }),
  }),
]);

export type KeyAnswer = { readonly jwe: string } | { readonly error: AppError };

export const requestDigest = (request: string): string =>
  createHash('sha256').update(request).digest('base64url');

export const jweClaims = (request: string, jwe: string) => ({ request: requestDigest(request), jwe });

export const errorClaims = (request: string, error: unknown) => ({
  request: requestDigest(request),
  error: toldOf(error),
});

/** Undefined for what is none, or answers another request. */
export function parseKeyAnswer(claims: unknown, request: string): KeyAnswer | undefined {
  const { data } = CLAIMS.safeParse(claims);
  if (data?.request !== requestDigest(request)) return undefined;
  if ('jwe' in data) return { jwe: data.jwe };
  const { code, message, fix, details } = data.error;
  return { error: new AppError(code, message, { fix, details }) };
}

type ToldCode = (typeof TOLD_CODES)[number];
const isTold = (code: string): code is ToldCode => TOLD_CODES.some((told) => told === code);

function toldOf(error: unknown) {
  if (error instanceof AppError && isTold(error.code)) {
    const { code, message, fix, details } = error;
    const cut = Object.entries(details).map(([name, value]) => [name, value.slice(0, MAX_TEXT)]);
    return {
      ...{ code, message: message.slice(0, MAX_TEXT), fix: fix.slice(0, MAX_TEXT) },
      details: Object.fromEntries(cut) as Record<string, string>,
    };
  }
  return { code: 'SERVICE_UNAVAILABLE' as const, ...OTHER, details: {} };
}

const OTHER = {
  message: 'The crypto server that holds the key cannot use it now',
  fix: 'Try again. If it lasts, look into the log of the crypto servers that hold the key.',
};
