import { type RecordAccount, recordOnce } from './account-records.ts';
import { changeDirectory } from './change-directory.ts';
import { accountExists } from './domain/account-errors.ts';
import { linkInvalid } from './domain/link-invalid.ts';
import { checkName, readName } from './domain/names.ts';
import { checkPassword } from './domain/password-rules.ts';
import type { NewSession, OpenNewSession } from './open-session.ts';
import type { Accounts, AccountWrite, Links, Passwords } from './ports.ts';
import { withPassword } from './with-password.ts';

export interface LinkAsked {
  readonly token: string;
  readonly name: string;
  readonly password: string;
  readonly client: string;
  readonly traceparent: string;
}

export interface LinkDeps {
  readonly accounts: Accounts;
  readonly links: Links;
  readonly passwords: Passwords;
  readonly record: RecordAccount;
  readonly openSession: OpenNewSession;
  readonly now: () => Date;
}

/** One person at a small company has to be able to do everything. He can have less later. */
const EVERYTHING = ['administrators', 'auditors', 'operators', 'players'];

/**
 * POST /setup: makes the first account, or one more for whoever runs the console, with the link that was printed. It is good once.
 * @throws AppError LINK_INVALID, PASSWORD_WEAK, ACCOUNT_EXISTS, INVALID_ARGUMENT, AUDIT_UNAVAILABLE, INDEX_UNAVAILABLE.
 */
export type SetUp = (asked: LinkAsked) => Promise<NewSession>;

export function createSetUp({ accounts, links, passwords, record, openSession, now }: LinkDeps): SetUp {
  return async ({ token, name: text, password: chosen, client, traceparent }) => {
    const use = await links.find(token);
    if (use === undefined || use.for === 'invitation') throw linkInvalid();
    const name = checkName(readName(text));
    checkPassword(chosen, name);
    const password = await withPassword(chosen, (bytes) => passwords.hash(bytes));
    const doer = { by: '', client, traceparent };
    const facts = { action: 'created', account: name, groups: EVERYTHING, method: 'setup' } as const;
    const recorded = recordOnce(record, facts, doer);
    const account: AccountWrite['account'] = {
      ...{ name, groups: EVERYTHING, isDisabled: false, createdAt: now() },
      kind: 'local',
      ...{ password, subject: undefined },
    };
    await changeDirectory(accounts, async ({ accounts: all }) => {
      const isGood = (await links.find(token)) !== undefined && (use.for === 'recovery' || all.length === 0);
      if (!isGood) throw linkInvalid();
      if (all.some((each) => each.name === name)) throw accountExists(name);
      await recorded();
      return { write: { account, endsSessions: true, link: token }, answer: undefined };
    });
    const made = await accounts.get(name);
    if (made === undefined) throw linkInvalid();
    return openSession(made, 'setup', doer);
  };
}
