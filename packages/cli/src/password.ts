import { resolve } from 'node:path';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { type Command, Option } from 'commander';
import { readSmallFile } from './files.ts';
import type { Io } from './io.ts';
import { write } from './output.ts';
import { canAsk, promptSecret } from './prompt.ts';

const MAX_PASSWORD_BYTES = 4096;
const VARIABLE = 'SEALTRACK_KEY_PASSWORD';
const ATTEMPTS = 3;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

type PasswordIo = Pick<Io, 'env' | 'cwd' | 'keyboard' | 'stderr' | 'signal'>;

export interface PasswordOptions {
  readonly passwordFile?: string;
}

/** Adds --password-file, and a --password that only says why there is none. */
export const addPasswordOptions = (command: Command): Command =>
  command
    .option('--password-file <path>', `file with the password of the key (or env ${VARIABLE})`)
    .addOption(new Option('--password [value]').hideHelp().preset('').argParser(refuse));

function refuse(): never {
  throw new AppError(
    'INVALID_ARGUMENT',
    'A password on the command line can be seen by everybody on this machine',
    {
      fix: `Put it into a file and give --password-file, or set ${VARIABLE}.`,
    },
  );
}

/**
 * Does something with the password of the key in `path`. When it turns out to need one and none was given, a person at a
 * terminal is asked for it. Throws what `use` throws; without such a person, PRIVATE_KEY_PASSWORD_MISSING says how to
 * give one.
 */
export async function withPassword<Result>(
  options: PasswordOptions,
  io: PasswordIo,
  path: string,
  use: (password: Buffer) => Promise<Result> | Result,
): Promise<Result> {
  const given = await readPassword(options, io);
  try {
    return await use(given);
  } catch (error) {
    if (!hasCode(error, 'PRIVATE_KEY_PASSWORD_MISSING')) throw error;
    if (!canAsk(io)) throw passwordMissing(path, error);
  } finally {
    given.fill(0);
  }
  for (let attempt = 1; ; attempt += 1) {
    const typed = await promptSecret(io, `Password of ${path}`);
    try {
      if (typed.length === 0) throw passwordMissing(path);
      return await use(typed);
    } catch (error) {
      if (!hasCode(error, 'PRIVATE_KEY_PASSWORD_WRONG') || attempt === ATTEMPTS) throw error;
      await write(io.stderr, 'That does not open it.\n');
    } finally {
      typed.fill(0);
    }
  }
}

const passwordMissing = (path: string, cause?: AppError): AppError =>
  new AppError('PRIVATE_KEY_PASSWORD_MISSING', `The private key in ${path} is encrypted with a password`, {
    fix: `Put the password into a file and give --password-file, or set ${VARIABLE}.`,
    cause,
  });

/** The password, empty when there is none. The caller zeroes it. */
export async function readPassword(options: PasswordOptions, io: Pick<Io, 'env' | 'cwd'>): Promise<Buffer> {
  if (options.passwordFile !== undefined) {
    const file = await readSmallFile(resolve(io.cwd, options.passwordFile), MAX_PASSWORD_BYTES);
    try {
      const password = Buffer.alloc(endOfFirstLine(file));
      file.copy(password);
      return password;
    } finally {
      file.fill(0);
    }
  }
  const text = io.env[VARIABLE] ?? '';
  const password = Buffer.alloc(Buffer.byteLength(text));
  password.write(text);
  return password;
}

/** Editors end a file with a line break, which is no part of the password. */
function endOfFirstLine(file: Buffer): number {
  const at = file.indexOf(NEWLINE);
  const end = at === -1 ? file.length : at;
  return end > 0 && file[end - 1] === RETURN ? end - 1 : end;
}
