import { inspect } from 'node:util';

const REDACTED = '[secret]';

/**
 * Bytes that must not be seen: printing, logging, JSON and string templates all show "[secret]". Zeroing on dispose
 * is best effort: Node may have copied the bytes on their way here (the environment itself holds strings).
 */
export class Secret implements Disposable {
  readonly #bytes: Buffer;

  /** Takes a copy; the caller zeroes its own. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.alloc(bytes.length);
    this.#bytes.set(bytes);
  }

  /** Lends the bytes for the length of one call. They are zeroed on dispose, so keep no reference. */
  use<T>(work: (bytes: Buffer) => T): T {
    return work(this.#bytes);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }

  [Symbol.dispose](): void {
    this.#bytes.fill(0);
  }
}
