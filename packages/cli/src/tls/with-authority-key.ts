import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { type Authority, openAuthority, openAuthorityKey } from '@sealtrack/authority/open-authority';
import type { Context } from '../context.ts';
import { type PasswordOptions, withPassword } from '../password.ts';

/** Opens the authority in --dir and its private key, whose password a person is asked for when it needs one. */
export async function withAuthorityKey<Result>(
  context: Context,
  options: PasswordOptions & { readonly dir: string },
  use: (authority: Authority, authorityKey: KeyObject) => Promise<Result>,
): Promise<Result> {
  const authority = await openAuthority(resolve(context.io.cwd, options.dir));
  const path = authority.layout.privateKey;
  const key = await withPassword(options, context.io, path, (password) =>
    openAuthorityKey(authority, password),
  );
  return await use(authority, key);
}
