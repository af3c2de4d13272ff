import { type Envelope, parseEnvelope } from '@sealtrack/envelope/envelope';
import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';

/** What calls have in common that are about many session keys at once. */

/** Of one call at a time, so that others get their turn between: two of the groups that threads are given at 2048 bits. */
export const AT_ONCE = 8;

/** What stands in the way of one of them, by its code, is the answer for that one; anything else fails the call. */
export async function orItsError<Result>(
  ofOne: ReadonlySet<ErrorCode>,
  work: () => Promise<Result>,
): Promise<Result | AppError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && ofOne.has(error.code)) return error;
    throw error;
  }
}

export const NO_ERROR = { error: '', message: '', fix: '' };
export const errorOf = ({ code, message, fix }: AppError) => ({ error: code, message, fix });

const SEQUENCE = 0x30;

/** Not PEM: a large one would hold up everything else here while it is read. */
export function parseDer(bytes: Buffer): Envelope {
  if (bytes[0] === SEQUENCE) return parseEnvelope(bytes);
  throw new AppError('ENVELOPE_INVALID', 'The envelope is not in DER', {
    fix: 'Give the bytes between the lines of the PEM, decoded from base64.',
  });
}

/** @throws AppError INVALID_ARGUMENT. */
export function checkCount(field: string, { length }: readonly unknown[], max: number): void {
  if (length >= 1 && length <= max) return;
  throw new AppError('INVALID_ARGUMENT', `${field} has ${length} entries`, {
    fix: `Give 1 to ${max}.`,
    details: { field },
  });
}
