import { AppError } from '@sealtrack/errors/app-error';

/**
 * What deriving keys for one file may cost, in rounds: of PBKDF2 or of the derivation of PKCS#12, one for each block that is
 * derived, or N·r·p of scrypt, whose step costs about the same. It comes to some seconds. What people have asks for a
 * hundredth to a third of it: OpenSSL for 2048, Java for 10,000, Firefox for up to 3.6 million.
 */
const MAX_ROUNDS = 10_000_000;

/** Throws PRIVATE_KEY_INVALID when all that one file asks for is too much. */
export type Spend = (rounds: number) => void;

export function createWorkLimit(): Spend {
  let left = MAX_ROUNDS;
  return (rounds) => {
    left -= rounds;
    if (left >= 0) return;
    throw new AppError(
      'PRIVATE_KEY_INVALID',
      'The file asks for too much work to derive a key from its password',
      {
        fix: 'Export the key again with fewer rounds: a million of PBKDF2 are plenty, and 10 million are the limit.',
      },
    );
  };
}
