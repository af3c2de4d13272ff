import type { Account } from '../api/accounts.ts';
import type { Person } from '../person.ts';

/** An account as it is kept. */
export interface StoredAccount {
  readonly name: string;
  /** Of whom the console keeps a password, or a provider vouches for. */
  readonly kind: 'local' | 'oidc';
  /** Of somebody whom a provider vouches for: those that it named last. */
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | undefined;
  /** As scrypt-passwords.ts writes it; none until an invitation was taken, and of those who sign in elsewhere. */
  readonly password: string | undefined;
  /** Who this is at the provider, and at which: its issuer and sub, which never change. */
  readonly subject: string | undefined;
  /** Counts what ends sessions. What was found out at one does not count at the next. */
  readonly generation: number;
}

export const namesOf = ({ name, groups }: Pick<StoredAccount, 'name' | 'groups'>): readonly string[] => [
  `user:${name}`,
  ...groups.map((group) => `group:${group}`),
];

export const personOf = (account: Pick<StoredAccount, 'name' | 'groups' | 'kind'>): Person => ({
  user: account.name,
  groups: account.groups,
  kind: account.kind,
  names: namesOf(account),
});

/** Whether somebody can sign in with it. */
export const isActive = ({ kind, isDisabled, password }: StoredAccount): boolean =>
  !isDisabled && (kind === 'oidc' || password !== undefined);

/** As people see it. */
export const shownAccount = (account: StoredAccount): Account => ({
  name: account.name,
  kind: account.kind,
  groups: account.groups,
  state: account.isDisabled ? 'disabled' : isActive(account) ? 'active' : 'invited',
  createdAt: account.createdAt.toISOString(),
  lastSignInAt: account.lastSignInAt?.toISOString() ?? null,
});
