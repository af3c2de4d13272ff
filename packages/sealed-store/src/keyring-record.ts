import type { WrappedRoot } from './unseal-provider.ts';

/**
 * The one document that the hierarchy is kept in. Everything in it is wrapped or public, so it may be copied anywhere;
 * docs/adr/0011-seal-hierarchy.md describes it.
 */
export interface KeyringRecord {
  readonly version: 1;
  /** One more with every change. */
  readonly revision: number;
  readonly root: RootRecord;
  /** In the order of their numbers. None is ever taken out: old backups need them. */
  readonly keks: readonly KekRecord[];
  /** The number of the one that new secrets are sealed under. */
  readonly current: number;
  /** There while `seal rotate` has not found everything under `current`. */
  readonly rotation?: { readonly startedAt: string };
  /** HMAC-SHA-256 of the rest under a key derived from the root, base64url. */
  readonly mac: string;
}

export interface RootRecord {
  /** Derived from the root key, so that one that was unwrapped proves to be the one that is meant. */
  readonly id: string;
  readonly createdAt: string;
  readonly wrapped: WrappedRoot;
  /** The same root under shares that were made and not yet proven to be in people's hands. */
  readonly pending?: WrappedRoot;
  /** There until the shares of a new keyring were given once: till then nothing is sealed. */
  readonly unproven?: true;
}

export interface KekRecord {
  readonly number: number;
  readonly createdAt: string;
  /** The key under the root key: see wrapped-key.ts. */
  readonly jwe: string;
}
