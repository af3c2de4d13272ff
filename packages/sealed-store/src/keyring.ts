import type { KeyObject } from 'node:crypto';
import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import type { Keks } from './keks.ts';
import type { KeyringRecord } from './keyring-record.ts';
import type { SealHeader } from './seal-format.ts';
import type { Split, UnsealKind } from './unseal-provider.ts';

/**
 * The seal hierarchy of a crypto server while it runs: unseal provider → root key → key-encryption keys → private keys.
 * Keys are held as KeyObjects; printing or serialising a keyring shows its status only.
 *
 * Errors of every method: SEALED while it is not open; SEAL_BROKEN when something does not open and waiting will not
 * help; SEALED_STORE_UNAVAILABLE without Redis.
 */
export interface Keyring {
  /** What is known without asking anybody. */
  status(): KeyringStatus;
  /**
   * Reads the keyring and opens it with the provider. Called at the start, and again by whoever waits: it is cheap when it
   * is open. Where there is neither a keyring nor a sealed key, it makes one, unless people have to take shares of it:
   * then the status stays `uninitialised`. A provider that waits for shares is no error: the status stays `sealed`.
   */
  open(): Promise<KeyringStatus>;
  /**
   * Makes a keyring whose root opens with shares. It stays sealed until enough of them were given, which proves that they
   * are in people's hands; until then it may be made again, and earlier shares are void.
   * @returns the shares as text, for the caller to hand out and zero.
   * @throws AppError OBJECT_EXISTS once it was opened; INVALID_ARGUMENT unless 2 ≤ threshold ≤ total ≤ 16, and where
   * the provider has no shares.
   */
  initialise(split: Split): Promise<Buffer[]>;
  /**
   * Takes one share, of the shares in force or of new ones (beginNewShares). The caller zeroes it.
   * @throws AppError UNSEAL_SHARE_INVALID.
   */
  giveShare(text: Buffer): Promise<KeyringStatus>;
  /**
   * New custodians: splits anew. The old shares stay in force until enough of the new were given (giveShare), and from then
   * on only the new open the keyring. Called again, it voids the new shares before.
   * @returns the shares as text, for the caller to hand out and zero.
   */
  beginNewShares(split: Split): Promise<Buffer[]>;

  /**
   * Seals a private key under the current key-encryption key of all servers. The caller zeroes `secret`. Whoever stores
   * the result calls putKey instead.
   */
  sealKey(secret: Buffer, header: SealHeader): Promise<string>;
  /**
   * Seals a private key and stores it durably: also when the key-encryption keys are rotated at the same time it ends
   * under the current one. The caller zeroes `secret`.
   * @throws AppError OBJECT_EXISTS when the key is held already, and stays as it is.
   */
  putKey(secret: Buffer, header: SealHeader): Promise<void>;
  /** Opens a sealed key, if it is the one expected. @returns the secret, for the caller to zero. */
  unsealKey(jwe: string, expect: { readonly tenant: TenantId; readonly keyId: KeyId }): Promise<Buffer>;

  /**
   * Puts a new root key above the key-encryption keys, in one step: before it the old keyring is in force, after it the
   * new. Sealed keys stay as they are.
   * @throws AppError KEYRING_BUSY while new shares wait to be proven.
   */
  rotateRoot(): Promise<KeyringStatus>;
  /**
   * Seals every private key of every tenant under a new key-encryption key, while everything goes on; or goes on with a
   * rotation that was not finished, by whatever process. It yields after each key. Ended early, by `return()`, by the
   * signal or by SIGKILL, nothing is lost, and the next call goes on.
   * @throws AppError SEAL_BROKEN after all others are done, when some keys do not open: they stay as they are.
   */
  rotateSeal(signal?: AbortSignal): AsyncGenerator<RotationProgress, void, undefined>;

  /** The record as it is stored now. */
  record(): Promise<KeyringRecord>;
  /**
   * Opens a record of another time, from a backup and parsed (parseRecord), with the same provider. It changes nothing.
   * @throws AppError SEALED for shares that are not in force; SEAL_BROKEN for another unseal key.
   */
  openRecord(record: KeyringRecord): Promise<OpenRecord>;

  /** Drops every key, and the shares that were given. `open()` opens it again. */
  seal(): void;
}

export interface KeyringStatus {
  readonly state: 'uninitialised' | 'sealed' | 'open';
  readonly provider: UnsealKind;
  /** The shares in force, where there are any, and how many were given to this process. */
  readonly shares?: ShareStatus;
  /** New shares that were made and not proven yet. */
  readonly newShares?: ShareStatus;
  /** The keyring is new: it may be made again until its shares were given once. */
  readonly unproven?: true;
  readonly rootId?: string;
  /** The provider's key that the root is wrapped under: what a change of the unseal key waits for. */
  readonly unsealKeyId?: string;
  readonly currentKek?: number;
  readonly revision?: number;
  /** A rotation that is not finished, and how far this process is with it, if it is the one that does it. */
  readonly rotation?: { readonly startedAt: string; readonly done?: number; readonly total?: number };
}

export interface ShareStatus extends Split {
  /** Printed on every share of the set. */
  readonly set: string;
  readonly given: number;
}

export interface RotationProgress {
  /** The key-encryption key that everything goes to. */
  readonly kek: number;
  /** Keys that are under it. */
  readonly done: number;
  readonly total: number;
}

/** What a record holds, opened. Printing or serialising it shows numbers only. */
export interface OpenRecord extends Keks {
  readonly record: KeyringRecord;
  /**
   * A key of 256 bits for another purpose, from the root key of this record (HKDF-SHA-256). A new root derives other keys, so
   * what is kept under one carries its record.
   */
  deriveKey(purpose: string): KeyObject;
}
