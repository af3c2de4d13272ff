import { AppError } from '@sealtrack/errors/app-error';
import type { Accounts, AccountWrite, Directory } from './ports.ts';

/** What is decided to be written, and what that is answered by. */
export interface Decision<T> {
  readonly write: AccountWrite | { readonly remove: string } | undefined;
  readonly answer: T;
}

/** Changes come seconds apart, not milliseconds. */
const TRIES = 20;

/**
 * Decides by all accounts as they are, writes, and decides again when any of them has changed meanwhile: so two administrators do not take
 * each other's rights away at the same moment. What `decide` throws is thrown. Errors: INDEX_UNAVAILABLE.
 */
export async function changeDirectory<T>(
  accounts: Accounts,
  decide: (directory: Directory) => Promise<Decision<T>>,
): Promise<T> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const directory = await accounts.all();
    const { write, answer } = await decide(directory);
    if (write === undefined) return answer;
    const done =
      'remove' in write
        ? await accounts.remove(write.remove, directory.revision)
        : await accounts.put(write, directory.revision);
    if (done) return answer;
  }
  throw new AppError('INDEX_UNAVAILABLE', 'The accounts change all the time', {
    fix: 'Try again when nobody else changes accounts.',
  });
}
