/** What of a keyring's record tells one from another. */
interface Copy {
  readonly revision: number;
  readonly keks: readonly { readonly createdAt: string }[];
}

/**
 * Whether two records are of one keyring: each key-encryption key that both have is of the same moment. After a Redis that
 * was put back to an earlier state a number can mean another key.
 */
export const isSameKeyring = (one: Copy, other: Copy): boolean =>
  one.keks
    .slice(0, other.keks.length)
    .every(({ createdAt }, index) => createdAt === other.keks[index]?.createdAt);

export const isLater = (one: Copy, other: Copy): boolean =>
  one.revision > other.revision && isSameKeyring(one, other);
