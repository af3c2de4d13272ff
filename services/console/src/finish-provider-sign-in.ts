import { AppError } from '@sealtrack/errors/app-error';
import { type RecordAccount, recordOnce } from './account-records.ts';
import { changeDirectory } from './change-directory.ts';
import type { StoredAccount } from './domain/account.ts';
import type { NewSession, OpenNewSession } from './open-session.ts';
import type { Accounts, IdentityProvider, PendingSignIns, ProviderUser } from './ports.ts';

export interface FinishDeps {
  readonly provider: IdentityProvider;
  readonly pendings: PendingSignIns;
  readonly accounts: Accounts;
  readonly record: RecordAccount;
  readonly openSession: OpenNewSession;
  readonly now: () => Date;
}

export interface Returned {
  /** The whole address that the browser came back to. */
  readonly address: string;
  /** Of the cookie that it began with. */
  readonly token: string | undefined;
  readonly client: string;
  readonly traceparent: string;
}

/**
 * GET /oidc/callback. Names are first come, first served: of an account here nobody elsewhere has the name, and a name that one person of
 * a provider has signed in under is no other's, whatever the provider calls him by now (ADR 28).
 * @throws AppError SIGN_IN_REFUSED, SERVICE_UNAVAILABLE, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE.
 */
export type FinishProviderSignIn = (
  returned: Returned,
) => Promise<{ readonly session: NewSession; readonly to: string }>;

export function createFinishProviderSignIn(deps: FinishDeps): FinishProviderSignIn {
  const { provider, pendings, accounts, record, openSession, now } = deps;
  return async ({ address, token, client, traceparent }) => {
    const pending = token === undefined ? undefined : await pendings.take(token);
    if (pending === undefined) throw beginAgain();
    const user = await provider.finish(address, pending);
    const doer = { by: '', client, traceparent };
    const created = recordOnce(
      record,
      { action: 'created', account: user.name, groups: user.groups, method: 'oidc' },
      doer,
    );
    const changed = recordOnce(record, { action: 'changed', account: user.name, groups: user.groups }, doer);
    const refuse = async (): Promise<never> => {
      await record({ action: 'sign-in-refused', account: user.name, method: 'oidc' }, doer);
      throw notHis();
    };
    const account = await changeDirectory<StoredAccount>(accounts, async ({ accounts: all }) => {
      const there = all.find(({ name }) => name === user.name);
      if (there === undefined) {
        await created();
        const account = newAccount(user, now());
        return { write: { account, endsSessions: true }, answer: account };
      }
      if (there.kind !== 'oidc' || there.subject !== user.subject || there.isDisabled) return refuse();
      if (there.groups.join(' ') === user.groups.join(' ')) return { write: undefined, answer: there };
      await changed();
      const account = { ...there, groups: user.groups };
      return { write: { account, endsSessions: true }, answer: account };
    });
    const stored = (await accounts.get(account.name)) ?? account;
    return { session: await openSession(stored, 'oidc', doer), to: pending.to };
  };
}

const newAccount = ({ name, groups, subject }: ProviderUser, createdAt: Date): StoredAccount => ({
  ...{ name, kind: 'oidc', groups, subject, createdAt },
  ...{ isDisabled: false, password: undefined, lastSignInAt: undefined, generation: 0 },
});

const beginAgain = (): AppError =>
  new AppError('SIGN_IN_REFUSED', 'This sign-in was not begun in this browser, or too long ago', {
    fix: 'Begin again from the sign-in page.',
  });

const notHis = (): AppError =>
  new AppError('SIGN_IN_REFUSED', 'The account of that name is disabled, or belongs to somebody else', {
    fix: 'Ask an administrator: he sees it among the accounts, and can delete it there for its name to be free.',
  });
