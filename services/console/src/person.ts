/** Who is signed in. */
export interface Person {
  readonly user: string;
  readonly groups: readonly string[];
  readonly kind: 'local' | 'oidc';
  /** As policies name him: user:alice, group:administrators. */
  readonly names: readonly string[];
}
