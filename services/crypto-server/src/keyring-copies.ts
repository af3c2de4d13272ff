import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';

/**
 * Whether two records are of one keyring: each key-encryption key that both have is of the same moment. After a Redis that
 * was put back to an earlier state a number can mean another key.
 */
export const isSameKeyring = (one: KeyringRecord, other: KeyringRecord): boolean =>
  one.keks
    .slice(0, other.keks.length)
    .every(({ createdAt }, index) => createdAt === other.keks[index]?.createdAt);

export const isLater = (one: KeyringRecord, other: KeyringRecord): boolean =>
  one.revision > other.revision && isSameKeyring(one, other);
