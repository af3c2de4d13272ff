import type { KeyringRecord } from './keyring-record.ts';

/** Where the keyring lies. Every method throws SEALED_STORE_UNAVAILABLE when the store does not answer in time. */
export interface KeyringStore {
  /** @throws AppError SEAL_BROKEN when what is there is no keyring, or is of a later version. */
  load(): Promise<KeyringRecord | undefined>;
  /** Whether exactly this is stored, without reading all of it. */
  isStored(record: KeyringRecord): Promise<boolean>;
  /**
   * Replaces exactly what was loaded (`undefined`: nothing) in one step. When it resolves to true the record is durable
   * and was read back over a second connection. After an error it may or may not be stored.
   * @returns false, and nothing is changed, when something else is stored by now.
   */
  save(next: KeyringRecord, before: KeyringRecord | undefined): Promise<boolean>;
}
