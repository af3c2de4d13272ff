import { isName, readName } from './names.ts';

export type Claims = Readonly<Record<string, unknown>>;

export interface ClaimNames {
  readonly userClaim: string;
  readonly groupsClaim: string;
}

export interface ReadClaims {
  readonly name: string;
  readonly groups: readonly string[];
  /** Groups that cannot be named here. */
  readonly dropped: number;
}

/** A person is named by one user and at most 63 groups (packages/ids/src/person-names.ts). */
const MOST_GROUPS = 60;

/** What a provider says of somebody, as policies name it; undefined without a name that can be one. */
export function readClaims(claims: Claims, { userClaim, groupsClaim }: ClaimNames): ReadClaims | undefined {
  const user = claims[userClaim];
  const name = typeof user === 'string' ? readName(user) : '';
  if (!isName(name)) return undefined;
  // An e-mail address that nobody has proven to be his is what he likes.
  if (userClaim === 'email' && claims.email_verified !== true) return undefined;
  const said = claims[groupsClaim];
  const all = typeof said === 'string' ? [said] : Array.isArray(said) ? said : [];
  // Some write them as paths: /administrators.
  const read = all.map((each) => (typeof each === 'string' ? readName(each).replace(/^\//, '') : ''));
  const groups = [...new Set(read.filter(isName))].sort().slice(0, MOST_GROUPS);
  return { name, groups, dropped: new Set(read).size - groups.length };
}
