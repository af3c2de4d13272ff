import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';

/** Whether they are of one keyring at two times: its first key-encryption key is of one moment for as long as it lives. */
export const isSameKeyring = (one: KeyringRecord, other: KeyringRecord): boolean =>
  one.keks[0]?.createdAt === other.keks[0]?.createdAt;
