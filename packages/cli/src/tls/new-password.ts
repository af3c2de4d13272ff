import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { write } from '../output.ts';
import { addPasswordOptions, type PasswordOptions, readPassword } from '../password.ts';
import { canAsk, promptSecret } from '../prompt.ts';

const FLAG = '--new-password-file';
const VARIABLE = 'SEALTRACK_NEW_KEY_PASSWORD';
const ATTEMPTS = 3;

export interface NewPasswordOptions extends PasswordOptions {
  readonly newPasswordFile?: string;
}

/** For a command that opens a key with one password and encrypts what it writes with another, or the same. */
export const addNewPasswordOptions = (command: Command): Command =>
  addPasswordOptions(command).option(
    `${FLAG} <path>`,
    `file with the password of what is written (or env ${VARIABLE}; default: the one of the key, if given, and else it is asked for)`,
  );

/**
 * The password that `what` is to be encrypted with; never empty. Asked for twice where nobody gave one and somebody is there
 * to ask. The caller zeroes it. Throws PRIVATE_KEY_PASSWORD_MISSING, INVALID_ARGUMENT.
 */
export async function readNewPassword(
  options: NewPasswordOptions,
  io: Pick<Io, 'env' | 'cwd' | 'keyboard' | 'stderr' | 'signal'>,
  what: string,
): Promise<Buffer> {
  const { newPasswordFile, passwordFile } = options;
  const ofNew = { env: { SEALTRACK_KEY_PASSWORD: io.env[VARIABLE] }, cwd: io.cwd };
  const given = await readPassword(
    newPasswordFile === undefined ? {} : { passwordFile: newPasswordFile },
    ofNew,
  );
  if (given.length > 0) return given;
  if (newPasswordFile !== undefined) throw missing(`There is no password in ${newPasswordFile}`);
  const ofKey = await readPassword(options, io);
  if (ofKey.length > 0) return ofKey;
  if (passwordFile !== undefined) throw missing(`There is no password in ${passwordFile}`);
  return await askNewPassword(io, what);
}

/**
 * Asks a person twice; never empty. The caller zeroes it. Throws PRIVATE_KEY_PASSWORD_MISSING when there is nobody to ask, or no
 * answer.
 */
export async function askNewPassword(
  io: Pick<Io, 'keyboard' | 'stderr' | 'signal'>,
  what: string,
): Promise<Buffer> {
  if (!canAsk(io)) throw missing(`There is no password to encrypt ${what} with, and nobody to ask for one`);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const typed = await promptSecret(io, `New password of ${what}`);
    const again = typed.length > 0 ? await promptSecret(io, 'The same again') : Buffer.alloc(0);
    const isSame = typed.length > 0 && typed.equals(again);
    again.fill(0);
    if (isSame) return typed;
    await write(io.stderr, typed.length > 0 ? 'They are not the same.\n' : 'It is empty.\n');
    typed.fill(0);
  }
  throw missing('No password was given');
}

const missing = (message: string): AppError =>
  new AppError('PRIVATE_KEY_PASSWORD_MISSING', message, {
    fix: `Put a password into a file and give ${FLAG}, or set ${VARIABLE}.`,
  });
