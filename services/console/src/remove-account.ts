import { type Doer, recordOnce } from './account-records.ts';
import type { ChangeAccountDeps } from './change-account.ts';
import { changeDirectory } from './change-directory.ts';
import { accountNotFound } from './domain/account-errors.ts';
import { checkNotOwn, checkOneRemains } from './domain/administrators.ts';

/**
 * DELETE /accounts/:name, with its sessions and invitations.
 * @throws AppError ACCOUNT_NOT_FOUND, PERMISSION_DENIED, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE.
 */
export const createRemoveAccount =
  ({ accounts, record, isAdministrator }: ChangeAccountDeps) =>
  async (name: string, doer: Doer): Promise<void> => {
    checkNotOwn(name, doer.by);
    const recorded = recordOnce(record, { action: 'removed', account: name }, doer);
    await changeDirectory(accounts, async ({ accounts: all }) => {
      const after = all.filter((each) => each.name !== name);
      if (after.length === all.length) throw accountNotFound();
      checkOneRemains(all, after, isAdministrator);
      await recorded();
      return { write: { remove: name }, answer: undefined };
    });
  };
