import type { Cipher } from './ciphers.ts';
import type { Password } from './password.ts';
import type { Spend } from './work-limit.ts';

/** A way of encrypting with a password, with the parameters that a file gives for it. */
export interface Scheme {
  readonly cipher: Cipher;
  /** Which forms of the password it takes. */
  readonly forms: (password: Password) => readonly Buffer[];
  /** The caller zeroes the key. */
  readonly derive: (form: Buffer, spend: Spend) => Promise<{ readonly key: Buffer; readonly iv: Buffer }>;
}

export const takesNarrow = ({ narrow }: Password): readonly Buffer[] => narrow;
export const takesWide = ({ wide }: Password): readonly Buffer[] => wide;
