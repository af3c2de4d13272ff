import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { write } from '../output.ts';
import { readPassword, withPassword } from '../password.ts';
import { canAsk, promptSecret } from '../prompt.ts';

const ATTEMPTS = 3;

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

export interface NewPasswordOptions {
  readonly keyPasswordFile?: string;
  readonly encrypt?: boolean;
}

const NEW = { flag: '--key-password-file', variable: 'SEALTRACK_NEW_KEY_PASSWORD' } as const;

/** For a command that opens the authority's key with one password, and encrypts a new key with another. */
export const addNewPasswordOptions = (command: Command): Command =>
  command.option(...ENCRYPT).option(`${NEW.flag} <path>`, `file with that password (or env ${NEW.variable})`);

/**
 * Empty when the new key is not to be encrypted. The caller zeroes it. Throws PRIVATE_KEY_PASSWORD_MISSING when one was asked
 * for and there is none, and nobody to ask.
 */
export const newPassword = (
  context: Context,
  { keyPasswordFile, encrypt }: NewPasswordOptions,
  what: string,
): Promise<Buffer> => readNew(context, { ...NEW, file: keyPasswordFile, encrypt }, what);

/** With the same options, the password of a key that was made with them before. Throws as withPassword. */
export const withNewPassword = <Result>(
  { io }: Context,
  { keyPasswordFile }: NewPasswordOptions,
  path: string,
  use: (password: Buffer) => Promise<Result>,
): Promise<Result> =>
  withPassword(
    keyPasswordFile === undefined ? {} : { passwordFile: keyPasswordFile },
    { ...io, env: { [FIRST.variable]: io.env[NEW.variable] } },
    path,
    use,
  ).catch((error: unknown) => {
    throw hasCode(error, 'PRIVATE_KEY_PASSWORD_MISSING') ? missing(error.message, NEW) : error;
  });

async function readNew(context: Context, source: Source, what: string): Promise<Buffer> {
  const { io } = context;
  const { file, variable, encrypt } = source;
  const given = await readPassword(file === undefined ? {} : { passwordFile: file }, {
    env: { [FIRST.variable]: io.env[variable] },
    cwd: io.cwd,
  });
  if (given.length > 0) return given;
  if (file !== undefined) throw missing(`${file} holds no password`, source);
  if (encrypt !== true) return given;
  if (!canAsk(io))
    throw missing('There is no password to encrypt the new key with, and nobody to ask', source);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const typed = await promptSecret(io, `New password of ${what}`);
    const again = await promptSecret(io, 'The same again');
    const isSame = typed.length > 0 && typed.equals(again);
    again.fill(0);
    if (isSame) return typed;
    typed.fill(0);
    await write(io.stderr, 'They are not the same, or empty.\n');
  }
  throw missing('No password was given', source);
}

const missing = (message: string, { flag, variable }: Pick<Source, 'flag' | 'variable'>): AppError =>
  new AppError('PRIVATE_KEY_PASSWORD_MISSING', message, {
    fix: `Put the password into a file and give ${flag}, or set ${variable}.`,
  });
