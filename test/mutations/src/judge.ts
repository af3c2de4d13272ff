import { DerError } from '@sealtrack/certificates/der';
import { decryptionFailed } from '@sealtrack/envelope/failures';
import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';

/** What must never happen, whatever is done to the input. */
export class Wrong extends Error {
  override readonly name = 'Wrong';
}

/** Everything about an error that can be seen from outside, except where it was thrown. */
const appearanceOf = (error: AppError): string => {
  const { stack: _, ...properties } = Object.fromEntries(
    Object.getOwnPropertyNames(error).map((name) => [name, Reflect.get(error, name)]),
  );
  return JSON.stringify(properties);
};
const DECRYPTION_FAILED = appearanceOf(decryptionFailed({ check: 'sizes' }));

/**
 * The code of an expected failure. Throws Wrong for any other: for what is not an AppError, for a failure of decryption
 * that can be told from others, and for an envelope that broke its reader instead of being refused by it.
 */
export function codeOf<Code extends ErrorCode>(error: unknown, expected: readonly Code[]): Code {
  if (error instanceof Wrong) throw error;
  if (!(error instanceof AppError)) throw new Wrong('an exception that is not an AppError', { cause: error });
  const code = expected.find((each) => each === error.code);
  if (code === undefined) throw new Wrong(`${error.code} where ${expected} is expected`, { cause: error });
  if (error.code === 'DECRYPTION_FAILED' && appearanceOf(error) !== DECRYPTION_FAILED)
    throw new Wrong('a failure of decryption that says more than that', { cause: error });
  if (error.code === 'ENVELOPE_INVALID' && error.cause !== undefined && !(error.cause instanceof DerError))
    throw new Wrong('an envelope that broke its reader', { cause: error });
  return code;
}

export type Attempt<Result, Code> =
  | { readonly result: Result; readonly code?: undefined }
  | { readonly code: Code };

/** The result, or the code of an expected failure. */
export function attempt<Result, Code extends ErrorCode>(
  run: () => Result,
  ...expected: readonly Code[]
): Attempt<Result, Code> {
  try {
    return { result: run() };
  } catch (error) {
    return { code: codeOf(error, expected) };
  }
}

export async function attemptLater<Result, Code extends ErrorCode>(
  run: () => Promise<Result>,
  ...expected: readonly Code[]
): Promise<Attempt<Result, Code>> {
  try {
    return { result: await run() };
  } catch (error) {
    return { code: codeOf(error, expected) };
  }
}

export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Wrong(otherwise);
}
