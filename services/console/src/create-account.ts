import { type Doer, type RecordAccount, recordOnce } from './account-records.ts';
import type { Invitation, NewAccount } from './api/accounts.ts';
import { changeDirectory } from './change-directory.ts';
import { shownAccount } from './domain/account.ts';
import { accountExists } from './domain/account-errors.ts';
import { checkGroups, checkName, readName } from './domain/names.ts';
import type { Accounts, AccountWrite, Links } from './ports.ts';

export interface InviteDeps {
  readonly accounts: Accounts;
  readonly links: Links;
  readonly record: RecordAccount;
  /** The whole address of a path of the console. */
  readonly linkFor: (path: string) => string;
  readonly now: () => Date;
}

/** POST /accounts: somebody is invited. @throws AppError ACCOUNT_EXISTS, INVALID_ARGUMENT, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE. */
export const createCreateAccount =
  ({ accounts, links, record, linkFor, now }: InviteDeps) =>
  async (wanted: NewAccount, doer: Doer): Promise<Invitation> => {
    const name = checkName(readName(wanted.name));
    const groups = checkGroups(wanted.groups.map(readName));
    const recorded = recordOnce(record, { action: 'created', account: name, groups }, doer);
    const account: AccountWrite['account'] = {
      ...{ name, groups, isDisabled: false, createdAt: now() },
      kind: 'local',
      ...{ password: undefined, subject: undefined },
    };
    await changeDirectory(accounts, async ({ accounts: all }) => {
      if (all.some((each) => each.name === name)) throw accountExists(name);
      await recorded();
      return { write: { account, endsSessions: true }, answer: undefined };
    });
    // Without a link, after a crash, the account is there and can be invited again.
    const { token, expiresAt } = await links.make({ for: 'invitation', name });
    return {
      account: shownAccount({ ...account, generation: 0, lastSignInAt: undefined }),
      ...{ link: linkFor(`/invitation#${token}`), expiresAt: expiresAt.toISOString() },
    };
  };
