import { resolve } from 'node:path';
import { type AnyPrivateKey, readAnyPrivateKey } from '@sealtrack/certificates/any-private-key';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { type PasswordOptions, withPassword } from '../password.ts';

export const MAX_BYTES = 256 * 1024;

/** The private key in a file; a person is asked for its password when it needs one. Throws INVALID_ARGUMENT, the PRIVATE_KEY_ errors. */
export async function readKeyInput(
  { io }: Context,
  name: string,
  options: PasswordOptions,
): Promise<AnyPrivateKey> {
  const path = resolve(io.cwd, name);
  const file = await readSmallFile(path, MAX_BYTES);
  try {
    return await withPassword(options, io, path, (password) => readAnyPrivateKey(file, password));
  } finally {
    file.fill(0);
  }
}
