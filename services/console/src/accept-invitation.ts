import { recordOnce } from './account-records.ts';
import { changeDirectory } from './change-directory.ts';
import { linkInvalid } from './domain/link-invalid.ts';
import { checkPassword } from './domain/password-rules.ts';
import type { NewSession } from './open-session.ts';
import type { LinkAsked, LinkDeps } from './set-up.ts';
import { withPassword } from './with-password.ts';

/**
 * POST /invitation: sets the password of the account that the link is for. It is good once, and every session of the account ends.
 * @throws AppError LINK_INVALID, PASSWORD_WEAK, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE.
 */
export type AcceptInvitation = (asked: Omit<LinkAsked, 'name'>) => Promise<NewSession>;

export function createAcceptInvitation(deps: Omit<LinkDeps, 'now'>): AcceptInvitation {
  const { accounts, links, passwords, record, openSession } = deps;
  return async ({ token, password: chosen, client, traceparent }) => {
    const use = await links.find(token);
    if (use?.for !== 'invitation') throw linkInvalid();
    const { name } = use;
    checkPassword(chosen, name);
    const password = await withPassword(chosen, (bytes) => passwords.hash(bytes));
    const doer = { by: '', client, traceparent };
    const facts = { action: 'password-changed', account: name, method: 'invitation' } as const;
    const recorded = recordOnce(record, facts, doer);
    await changeDirectory(accounts, async ({ accounts: all }) => {
      const account = all.find((each) => each.name === name);
      const isGood =
        account?.kind === 'local' && !account.isDisabled && (await links.find(token)) !== undefined;
      if (!isGood) throw linkInvalid();
      await recorded();
      return {
        write: { account: { ...account, password }, endsSessions: true, link: token },
        answer: undefined,
      };
    });
    const account = await accounts.get(name);
    if (account === undefined) throw linkInvalid();
    return openSession(account, 'invitation', doer);
  };
}
