/**
 * Where ciphertext and manifests live. One contract test (media-store-contract.ts) holds every adapter to what is
 * said here.
 *
 * Keys are `a/b/c`: see keys.ts. A store is not asked to hold both `a` and `a/b`.
 *
 * Every method throws AppError: INVALID_ARGUMENT for a malformed key, STORE_UNAVAILABLE when the store cannot be
 * used, and CANCELLED (or the signal's reason, where that is an AppError) when aborted.
 */
export interface MediaStore {
  /**
   * Stores the whole of `content` under a new key. When it resolves the object survives a power cut; when it throws,
   * or the process dies, there is no object. Two creates of one key, in whatever processes: exactly one succeeds.
   * The chunks of `content` belong to the store once yielded; the next is taken when there is room for it.
   * @returns the object's size in bytes.
   * @throws AppError OBJECT_EXISTS (possibly only after `content` was read; what exists is durable then), STORE_FULL; what `content` throws, as is.
   */
  create(
    key: string,
    content: AsyncIterable<Uint8Array>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly size: number }>;

  /**
   * Stores the whole of `content` in the place of the object that the key has. Everybody reads the old one or the new one,
   * whole: also after it threw, or the process died. When it resolves, the new one survives a power cut. Of two at once the
   * one that ends last stays. A `delete` at the same time may come before it or after it, or the object be there again.
   * @returns the object's size in bytes.
   * @throws AppError OBJECT_NOT_FOUND, STORE_FULL; what `content` throws, as is.
   */
  replace(
    key: string,
    content: AsyncIterable<Uint8Array>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly size: number }>;

  /**
   * Exactly the bytes from `offset` (default 0), `length` of them (default: to the end), or an error: never fewer.
   * All of them are of one object, also when it is replaced meanwhile. Nothing is opened before the first chunk is asked for.
   * @throws AppError OBJECT_NOT_FOUND; RANGE_NOT_SATISFIABLE when the range reaches past the end.
   */
  read(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;

  /** In bytes. @throws AppError OBJECT_NOT_FOUND. */
  size(key: string): Promise<number>;

  /**
   * Resolves when the object survives a power cut: one that can be read may be too new for that.
   * @throws AppError OBJECT_NOT_FOUND.
   */
  confirm(key: string): Promise<void>;

  /** Durable when it resolves. An object that does not exist is no error. */
  delete(key: string): Promise<void>;

  /** Every key that starts with `prefix` ('' for all), in byte order of the keys. */
  list(prefix: string): AsyncIterable<string>;
}

export interface ReadOptions {
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * For a consumer that is done with each chunk when it asks for the next: its memory may be used again then, where fresh memory
   * for each would cost as much as what is done with it.
   */
  readonly reuse?: boolean | undefined;
}

export interface OpenOptions {
  /** For a service that only reads: the store is neither made nor tried out, and need not be writable. */
  readonly readOnly?: boolean | undefined;
}

/** A store with what only its owner does. */
export interface OpenMediaStore extends MediaStore, AsyncDisposable {
  /**
   * Removes what creates left behind when their process died, when nothing was added to it for `olderThanMs`: give
   * more than the longest pause of a live source.
   * @returns how many were removed.
   */
  tidy(olderThanMs: number): Promise<number>;
}
