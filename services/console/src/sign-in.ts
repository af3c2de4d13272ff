import type { RecordAccount } from './account-records.ts';
import { isActive } from './domain/account.ts';
import { isName, readName } from './domain/names.ts';
import { signInRefused } from './domain/sign-in-refused.ts';
import type { NewSession, OpenNewSession } from './open-session.ts';
import type { Accounts, Passwords, SignInThrottle } from './ports.ts';
import { withPassword } from './with-password.ts';

export interface SignInAsked {
  readonly name: string;
  readonly password: string;
  readonly client: string;
  /** Of SignInThrottle.knowBrowser, as the browser says. */
  readonly browser: string | undefined;
  readonly traceparent: string;
}

export interface SignedIn extends NewSession {
  /** For the browser to be known by. */
  readonly browser: string;
}

export interface SignInDeps {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  readonly record: RecordAccount;
  readonly openSession: OpenNewSession;
}

/**
 * POST /session: name and password. Whatever is wrong takes as long and is answered the same. Refusals are on record as sign-ins are,
 * but those of whom has to wait: there would be no end of them.
 * @throws AppError SIGN_IN_REFUSED, TOO_MANY_FAILURES, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE.
 */
export type SignIn = (asked: SignInAsked) => Promise<SignedIn>;

export function createSignIn({ accounts, passwords, throttle, record, openSession }: SignInDeps): SignIn {
  return async ({ name: text, password, browser, client, traceparent }) => {
    const name = readName(text);
    const attempt = await throttle.attempt({ name, client, browser });
    const account = isName(name) ? await accounts.get(name) : undefined;
    const hash = account !== undefined && isActive(account) ? account.password : undefined;
    const isRight = await withPassword(password, (bytes) => passwords.verify(bytes, hash, attempt.isKnown));
    const doer = { client, traceparent };
    if (!isRight || account === undefined || hash === undefined) {
      // A name that nobody has may be a password in the wrong field.
      await record(
        { action: 'sign-in-refused', account: account?.name ?? '', method: 'password' },
        { ...doer, by: '' },
      );
      throw signInRefused();
    }
    const session = await openSession(account, 'password', doer);
    await attempt.succeeded();
    if (passwords.isOutdated(hash)) {
      const better = await withPassword(password, (bytes) => passwords.hash(bytes));
      await accounts.rehash(name, hash, better);
    }
    return { ...session, browser: await throttle.knowBrowser(name) };
  };
}
