import type { Doer, RecordAccount } from './account-records.ts';
import { personOf, type StoredAccount } from './domain/account.ts';
import { signInRefused } from './domain/sign-in-refused.ts';
import type { OpenSession, Sessions } from './ports.ts';

export interface NewSession extends OpenSession {
  /** For the cookie. */
  readonly token: string;
}

/**
 * For somebody who has shown that the account is his.
 * @throws AppError AUDIT_UNAVAILABLE before there is a session; SIGN_IN_REFUSED when the account has changed meanwhile.
 */
export type OpenNewSession = (
  account: StoredAccount,
  method: 'password' | 'oidc' | 'setup' | 'invitation',
  doer: Omit<Doer, 'by'>,
) => Promise<NewSession>;

export const createOpenSession =
  (sessions: Sessions, record: RecordAccount): OpenNewSession =>
  async (account, method, doer) => {
    await record({ action: 'signed-in', account: account.name, method }, { ...doer, by: '' });
    const opened = await sessions.open(account);
    if (opened === undefined) throw signInRefused();
    return { ...opened, person: personOf(account) };
  };
