import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { readPassword, withPassword } from '../password.ts';
import { askNewPassword } from './new-password.ts';

/** Where the password comes from that something new is encrypted with. */
interface Source {
  readonly flag: string;
  readonly variable: string;
  readonly file: string | undefined;
  /** Ask for one when it comes from nowhere else. */
  readonly encrypt: boolean | undefined;
}

const ENCRYPT = ['--encrypt', 'encrypt the new private key with a password, which is asked for'] as const;

export interface FirstPasswordOptions {
  readonly passwordFile?: string;
  readonly encrypt?: boolean;
}

const FIRST = { flag: '--password-file', variable: 'SEALTRACK_KEY_PASSWORD' } as const;

/** For a command that knows no key but the one it makes. */
export const addFirstPasswordOptions = (command: Command): Command =>
  command
    .option(...ENCRYPT)
    .option(`${FIRST.flag} <path>`, `file with that password (or env ${FIRST.variable})`);

/** As newPassword. */
export const firstPassword = (
  context: Context,
  { passwordFile, encrypt }: FirstPasswordOptions,
  what: string,
): Promise<Buffer> => readNew(context, { ...FIRST, file: passwordFile, encrypt }, what);

export interface KeyPasswordOptions {
  readonly newPasswordFile?: string;
  readonly encrypt?: boolean;
}

const NEW = { flag: '--new-password-file', variable: 'SEALTRACK_NEW_KEY_PASSWORD' } as const;

/** For a command that opens the authority's key with one password, and encrypts a new key with another. */
export const addKeyPasswordOptions = (command: Command): Command =>
  command.option(...ENCRYPT).option(`${NEW.flag} <path>`, `file with that password (or env ${NEW.variable})`);

/**
 * Empty when the new key is not to be encrypted. The caller zeroes it. Throws PRIVATE_KEY_PASSWORD_MISSING when one was asked
 * for and there is none, and nobody to ask.
 */
export const newPassword = (
  context: Context,
  { newPasswordFile, encrypt }: KeyPasswordOptions,
  what: string,
): Promise<Buffer> => readNew(context, { ...NEW, file: newPasswordFile, encrypt }, what);

/** With the same options, the password of a key that was made with them before. Throws as withPassword. */
export const withNewPassword = <Result>(
  { io }: Context,
  { newPasswordFile }: KeyPasswordOptions,
  path: string,
  use: (password: Buffer) => Promise<Result>,
): Promise<Result> =>
  withPassword(
    newPasswordFile === undefined ? {} : { passwordFile: newPasswordFile },
    { ...io, env: { [FIRST.variable]: io.env[NEW.variable] } },
    path,
    use,
  ).catch((error: unknown) => {
    throw hasCode(error, 'PRIVATE_KEY_PASSWORD_MISSING') ? missing(error.message, NEW) : error;
  });

async function readNew({ io }: Context, source: Source, what: string): Promise<Buffer> {
  const { file, variable, encrypt } = source;
  const given = await readPassword(file === undefined ? {} : { passwordFile: file }, {
    env: { [FIRST.variable]: io.env[variable] },
    cwd: io.cwd,
  });
  if (given.length > 0) return given;
  if (file !== undefined) throw missing(`There is no password in ${file}`, source);
  return encrypt === true ? await askNewPassword(io, what) : given;
}

const missing = (message: string, { flag, variable }: Pick<Source, 'flag' | 'variable'>): AppError =>
  new AppError('PRIVATE_KEY_PASSWORD_MISSING', message, {
    fix: `Put the password into a file and give ${flag}, or set ${variable}.`,
  });
