import { AppError } from '@sealtrack/errors/app-error';
import { type Doer, type RecordAccount, recordOnce } from './account-records.ts';
import type { Account, AccountChange } from './api/accounts.ts';
import { changeDirectory } from './change-directory.ts';
import { type StoredAccount, shownAccount } from './domain/account.ts';
import { accountNotFound } from './domain/account-errors.ts';
import { checkNotOwn, checkOneRemains, type IsAdministrator } from './domain/administrators.ts';
import { checkGroups, readName } from './domain/names.ts';
import type { Accounts } from './ports.ts';

export interface ChangeAccountDeps {
  readonly accounts: Accounts;
  readonly record: RecordAccount;
  readonly isAdministrator: IsAdministrator;
}

/**
 * PATCH /accounts/:name. Its sessions end.
 * @throws AppError ACCOUNT_NOT_FOUND, INVALID_ARGUMENT, PERMISSION_DENIED, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE.
 */
export const createChangeAccount =
  ({ accounts, record, isAdministrator }: ChangeAccountDeps) =>
  async (name: string, change: AccountChange, doer: Doer): Promise<Account> => {
    const groups = change.groups === undefined ? undefined : checkGroups(change.groups.map(readName));
    const action = change.disabled === true ? 'disabled' : 'enabled';
    const switched = recordOnce(record, { action, account: name }, doer);
    const regrouped = recordOnce(record, { action: 'changed', account: name, groups: groups ?? [] }, doer);
    return changeDirectory(accounts, async ({ accounts: all }) => {
      const account = all.find((each) => each.name === name);
      if (account === undefined) throw accountNotFound();
      const next: StoredAccount = {
        ...account,
        groups: groups ?? account.groups,
        isDisabled: change.disabled ?? account.isDisabled,
      };
      if (next.isDisabled && !account.isDisabled) checkNotOwn(name, doer.by);
      const isRegrouped = next.groups.join(' ') !== account.groups.join(' ');
      if (isRegrouped && account.kind === 'oidc') throw groupsElsewhere();
      if (!isRegrouped && next.isDisabled === account.isDisabled)
        return { write: undefined, answer: shownAccount(account) };
      const after = all.map((each) => (each.name === name ? next : each));
      checkOneRemains(all, after, isAdministrator);
      if (isRegrouped) await regrouped();
      if (next.isDisabled !== account.isDisabled) await switched();
      return { write: { account: next, endsSessions: true }, answer: shownAccount(next) };
    });
  };

const groupsElsewhere = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'The groups of this account are those that the identity provider names', {
    fix: 'Change them there; they count from the next sign-in on.',
    details: { field: 'groups' },
  });
