import type { Keyring } from './keyring.ts';
import type { KeyringRecord } from './keyring-record.ts';
import type { KeyringStore } from './keyring-store.ts';
import type { SealedStore } from './redis-sealed-store.ts';
import type { UnsealProvider } from './unseal-provider.ts';

export interface KeyringOptions {
  readonly keyrings: KeyringStore;
  readonly keys: SealedStore;
  readonly provider: UnsealProvider;
  /**
   * Is given every record before anything is sealed under it, for a copy beside the backups. When it fails, so does what was
   * asked for, and it is called again before the next sealing. Several servers may call it at once: a copy with a
   * higher revision stays.
   */
  readonly onChange?: (record: KeyringRecord) => Promise<void>;
  readonly now?: () => Date;
  readonly randomBytes?: (size: number) => Buffer;
  readonly log?: KeyringLog | undefined;
}

/** What is needed of a logger; pino is one. */
export interface KeyringLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** A keyring that is sealed until `open()`. */
export function createKeyring(_options: KeyringOptions): Keyring {
  throw new Error('not written yet');
}
