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
}

/** For a system in plaintext, where nobody can be known. */
export const OPEN_ACCESS: Access = { authorise: () => {} };
