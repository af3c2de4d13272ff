/** The groups that the built-in policy has roles for; a policy file may have others. */
export const USUAL_GROUPS = ['administrators', 'operators', 'auditors', 'players'] as const;

export interface Account {
  readonly name: string;
  /** "oidc": whom the identity provider vouches for. His groups are those that it names, and he gets no invitation. */
  readonly kind: 'local' | 'oidc';
  readonly groups: readonly string[];
  readonly state: 'invited' | 'active' | 'disabled';
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
}

/** GET /accounts, in the order of their names. */
export interface Accounts {
  readonly accounts: readonly Account[];
}

/** POST /accounts. */
export interface NewAccount {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Answer of POST /accounts and POST /accounts/:name/invitation: a link that sets a password, once, within 24 hours. */
export interface Invitation {
  readonly account: Account;
  /** https://…/invitation#<token>. Shown this one time. */
  readonly link: string;
  readonly expiresAt: string;
}

/** PATCH /accounts/:name, answered by the Account. Ends his sessions. Nobody takes the last administrator's group, or his own account. */
export interface AccountChange {
  readonly groups?: readonly string[];
  readonly disabled?: boolean;
}
