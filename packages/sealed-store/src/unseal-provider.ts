import { sealBroken } from './jwe-format.ts';

/** How a root key is guarded. Cloud KMS and PKCS#11 will be further kinds. */
export type UnsealKind = 'key' | 'shamir';

/** A root key as it lies in the keyring: opened by its provider only. Nothing in it is secret. */
export interface WrappedRoot {
  readonly provider: UnsealKind;
  /** Which key of the provider it is under. */
  readonly keyId: string;
  /** The provider's own form, in printable ASCII; MAX_ROOT_BLOB characters at most. */
  readonly blob: string;
  /** Where people hold shares of the provider's key: how many there are, and how many open it. */
  readonly shares?: Split;
}

export const MAX_ROOT_BLOB = 4096;

export interface Split {
  readonly total: number;
  readonly threshold: number;
}

/**
 * What guards the root key. It may be away (a KMS), or wait for people (shares), so everything is asynchronous and may
 * be asked again. unseal-provider-contract.ts is run against each.
 *
 * Errors: SEALED when it cannot open yet and will be able to, such as with shares missing; SEAL_BROKEN when it never
 * will as it is configured, with what to correct.
 */
export interface UnsealProvider {
  readonly kind: UnsealKind;
  /**
   * Wraps a root key of 32 bytes, which the caller zeroes.
   * @param like how the root key before it is wrapped: shares that were handed out open the new one too.
   */
  wrap(root: Buffer, like?: WrappedRoot): Promise<WrappedRoot>;
  /** @returns the root key, for the caller to zero. */
  unwrap(wrapped: WrappedRoot): Promise<Buffer>;
  /** False for what opens but should be wrapped anew: it is still under the previous key. */
  isCurrent(wrapped: WrappedRoot): boolean;
  /** Drops what was given to it while it ran. What it was configured with stays. */
  forget(): void;
  /** Only where people hold shares. */
  readonly shares?: UnsealShares;
}

/** The part of a provider whose key is split among people. */
export interface UnsealShares {
  /**
   * Wraps a root key under a fresh key, and splits that. The key is not kept: only the shares open it.
   * @returns the shares as text (see share-text.ts), for the caller to hand out and zero.
   * @throws AppError INVALID_ARGUMENT unless 2 ≤ threshold ≤ total ≤ 16.
   */
  create(root: Buffer, split: Split): Promise<{ readonly wrapped: WrappedRoot; readonly shares: Buffer[] }>;
  /**
   * Takes a share of one of these sets, as text, which the caller zeroes. One that was given already counts once. They
   * are wiped when they are complete, when they turn out wrong together, and ten minutes after the last.
   * @returns which set it is of, and whether `unwrap` opens that now.
   * @throws AppError UNSEAL_SHARE_INVALID for a mistyped share, one of another set, or shares that do not fit together.
   */
  give(
    text: Buffer,
    sets: readonly WrappedRoot[],
  ): Promise<{ readonly set: WrappedRoot; readonly complete: boolean }>;
  /** How many different shares of this set are held. */
  given(set: WrappedRoot): number;
}

export const otherProvider = (kind: UnsealKind, wrapped: WrappedRoot) =>
  sealBroken(
    `The root key opens with the provider "${wrapped.provider}", and this service has "${kind}"`,
    `Set SEALTRACK_UNSEAL_WITH=${wrapped.provider}, with which the keyring was made.`,
  );
