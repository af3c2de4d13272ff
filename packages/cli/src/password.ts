import { resolve } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { type Command, Option } from 'commander';
import { readSmallFile } from './files.ts';
import type { Io } from './io.ts';

const MAX_PASSWORD_BYTES = 4096;
const VARIABLE = 'SEALTRACK_KEY_PASSWORD';
const NEWLINE = 0x0a;
const RETURN = 0x0d;

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
