/** What a thread of key-decryption-pool.ts runs. JavaScript for the reason that rsa-decrypt.mjs gives. */
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { decryptOrEmpty } from './rsa-decrypt.mjs';

/** For each task its result, or what was thrown. Results are moved out of this thread, not copied: none stays here. */
export function decryptKeys(tasks) {
  const results = tasks.map(decryptOrError);
  const buffers = results.flatMap((result) => (result instanceof Error ? [] : [result.buffer]));
  return move({ [transferableSymbol]: buffers, [valueSymbol]: results });
}

function decryptOrError({ options, encryptedKey }) {
  try {
    return decryptOrEmpty(options, encryptedKey);
  } catch (error) {
    return error;
  }
}
