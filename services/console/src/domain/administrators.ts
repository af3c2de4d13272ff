import { AppError } from '@sealtrack/errors/app-error';
import { isActive, type StoredAccount } from './account.ts';

/** Whether an account may manage accounts, by the access policy. */
export type IsAdministrator = (account: Pick<StoredAccount, 'name' | 'groups'>) => boolean;

/**
 * With nobody left who may manage accounts, nobody could let anybody in again. Those whom a provider vouches for do not count: it
 * may be away, or think otherwise tomorrow. @throws AppError PERMISSION_DENIED.
 */
export function checkOneRemains(
  before: readonly StoredAccount[],
  after: readonly StoredAccount[],
  isAdministrator: IsAdministrator,
): void {
  const counts = (account: StoredAccount) =>
    account.kind === 'local' && isActive(account) && isAdministrator(account);
  if (!before.some(counts) || after.some(counts)) return;
  throw new AppError('PERMISSION_DENIED', 'Nobody would be left who may manage accounts', {
    fix: 'Give another account that has a password the group administrators first.',
    details: { reason: 'last-administrator' },
  });
}

/** @throws AppError PERMISSION_DENIED. */
export function checkNotOwn(name: string, by: string): void {
  if (name !== by) return;
  throw new AppError('PERMISSION_DENIED', 'Nobody disables or deletes his own account', {
    fix: 'Have another administrator do it.',
    details: { reason: 'own-account' },
  });
}
