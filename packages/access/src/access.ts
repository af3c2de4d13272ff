/** What somebody may be allowed to do. docs/access.md says which call is which. */
export const ACTIONS = [
  'recording.put',
  'recording.read',
  'media.play',
  'media.play-for-others',
  'media.export',
  'key.unwrap',
  'key.hand-over',
  'key.hold',
  'key.rewrap',
  'key.backup',
  'key.restore',
  'certificate.read',
  'certificate.import',
  'certificate.delete',
  'profile.read',
  'profile.write',
  'seal.read',
  'seal.change',
  'event.read',
  'capture.retry',
  'audit.read',
  'account.manage',
  'user.act-for',
] as const;

export type Action = (typeof ACTIONS)[number];

/** Decides by the policy as it is now. */
export interface Access {
  /**
   * Throws PERMISSION_DENIED unless one of the names may do it for the tenant. Without a tenant, for all of them at once.
   * @param names the DNS names of a verified certificate; none in plaintext. Or those of a person on whose behalf a console calls:
   * user:alice, group:administrators.
   */
  authorise(names: readonly string[], action: Action, tenantId: string | undefined): void;
  /** All that one of the names may do: what authorise lets be, for whoever shows people what they may. */
  actionsFor(names: readonly string[]): AllowedActions;
}

/** Actions are in the order of ACTIONS. */
export interface AllowedActions {
  /** For all tenants at once, and so for each of them. */
  readonly all: readonly Action[];
  /** Of the tenants that are named for him, by their ids: what he may do for each, with what he may do for all. */
  readonly tenants: readonly { readonly tenantId: string; readonly actions: readonly Action[] }[];
}

/** For a system in plaintext, where nobody can be known. */
export const OPEN_ACCESS: Access = {
  authorise: () => {},
  actionsFor: () => ({ all: ACTIONS, tenants: [] }),
};
