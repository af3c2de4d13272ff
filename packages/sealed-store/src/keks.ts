import type { KeyObject } from 'node:crypto';

/** A key-encryption key: 256 bits, known by a number that never means another key. */
export interface Kek {
  readonly number: number;
  readonly key: KeyObject;
}

/** Key-encryption keys. Printing or serialising them shows numbers only. */
export interface Keks {
  /** What new secrets are sealed under. */
  readonly current: Kek;
  get(number: number): Kek | undefined;
}
