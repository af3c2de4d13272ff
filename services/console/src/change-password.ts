import { AppError } from '@sealtrack/errors/app-error';
import { type RecordAccount, recordOnce } from './account-records.ts';
import { changeDirectory } from './change-directory.ts';
import { checkPassword } from './domain/password-rules.ts';
import { signInRefused } from './domain/sign-in-refused.ts';
import type { NewSession, OpenNewSession } from './open-session.ts';
import type { Person } from './person.ts';
import type { Accounts, Passwords, SignInThrottle } from './ports.ts';
import { withPassword } from './with-password.ts';

export interface PasswordChange {
  readonly person: Person;
  readonly current: string;
  readonly next: string;
  readonly client: string;
  readonly browser: string | undefined;
  readonly traceparent: string;
}

export interface ChangePasswordDeps {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  readonly record: RecordAccount;
  readonly openSession: OpenNewSession;
}

/**
 * PUT /session/password. Every session of the account ends, the one that asks too, for whom there is another: whoever had got hold of
 * one has it no more. @throws AppError SIGN_IN_REFUSED for a wrong one, PASSWORD_WEAK, TOO_MANY_FAILURES, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE.
 */
export type ChangePassword = (change: PasswordChange) => Promise<NewSession>;

export function createChangePassword(deps: ChangePasswordDeps): ChangePassword {
  const { accounts, passwords, throttle, record, openSession } = deps;
  return async ({ person, current, next, client, browser, traceparent }) => {
    const { user } = person;
    if (person.kind !== 'local') throw keptElsewhere();
    const attempt = await throttle.attempt({ name: user, client, browser });
    const hash = (await accounts.get(user))?.password;
    if (!(await withPassword(current, (bytes) => passwords.verify(bytes, hash, true)))) throw wrong();
    await attempt.succeeded();
    checkPassword(next, user);
    const password = await withPassword(next, (bytes) => passwords.hash(bytes));
    const doer = { by: '', client, traceparent };
    const recorded = recordOnce(record, { action: 'password-changed', account: user }, doer);
    await changeDirectory(accounts, async ({ accounts: all }) => {
      const account = all.find(({ name }) => name === user);
      // Somebody else has changed it, or disabled the account.
      if (account === undefined || account.password !== hash || account.isDisabled) throw wrong();
      await recorded();
      return { write: { account: { ...account, password }, endsSessions: true }, answer: undefined };
    });
    const changed = await accounts.get(user);
    if (changed === undefined) throw signInRefused();
    return openSession(changed, 'password', doer);
  };
}

/** Not a sign-in that was refused: whoever asks is signed in, and stays so. */
const wrong = (): AppError =>
  new AppError('PERMISSION_DENIED', 'That is not your password', {
    fix: 'Write the password that you sign in with.',
    details: { field: 'current' },
  });

const keptElsewhere = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'The console keeps no password of yours', {
    fix: 'Change it at the identity provider that you sign in with.',
  });
