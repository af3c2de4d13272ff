import { AppError } from '@sealtrack/errors/app-error';
import type { Doer } from './account-records.ts';
import type { Invitation } from './api/accounts.ts';
import type { InviteDeps } from './create-account.ts';
import { shownAccount } from './domain/account.ts';
import { accountNotFound } from './domain/account-errors.ts';

/**
 * POST /accounts/:name/invitation: another link, in place of any before. A password that there is stays good until the link is taken.
 * @throws AppError ACCOUNT_NOT_FOUND, INVALID_ARGUMENT, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE.
 */
export const createInviteAccount =
  ({ accounts, links, record, linkFor }: Omit<InviteDeps, 'now'>) =>
  async (name: string, doer: Doer): Promise<Invitation> => {
    const account = await accounts.get(name);
    if (account === undefined) throw accountNotFound();
    if (account.kind !== 'local') throw signsInElsewhere();
    if (account.isDisabled) throw isDisabled();
    await record({ action: 'invited', account: name }, doer);
    const { token, expiresAt } = await links.make({ for: 'invitation', name });
    return {
      account: shownAccount(account),
      ...{ link: linkFor(`/invitation#${token}`), expiresAt: expiresAt.toISOString() },
    };
  };

const signsInElsewhere = (): AppError =>
  new AppError(
    'INVALID_ARGUMENT',
    'The identity provider vouches for this account, and it has no password here',
    {
      fix: 'Have its owner sign in with the provider.',
    },
  );

const isDisabled = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'The account is disabled', { fix: 'Enable it first.' });
