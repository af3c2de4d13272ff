import { parseArgs } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';

export interface ProfilesOptions {
  readonly profiles: number;
  readonly encryptors: number;
  readonly pushes: number;
  readonly rounds: number;
}

export const PROFILES_USAGE = `Usage: npm run bench -- profiles [--json] [options]

How long an encryptor takes to be ready with many profiles of three certificates each, how long a push takes to every one of
many encryptors, and what choosing the recipients of a recording costs. Takes three minutes.

  --profiles N     there when it starts; 10000
  --encryptors N   processes that a push goes to; 20
  --pushes N       one after the other; 30
  --rounds N       starts, of which the median counts; 3
  --json           one object a line

  npm run bench -- profiles --profiles 1000 --encryptors 5
`;

/** Undefined when help is wanted. Throws INVALID_ARGUMENT. */
export function parseProfilesOptions(args: readonly string[]): ProfilesOptions | undefined {
  const text = { type: 'string' } as const;
  const help = { type: 'boolean', short: 'h' } as const;
  const options = { profiles: text, encryptors: text, pushes: text, rounds: text, help } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    if (values.help === true) return undefined;
    return {
      profiles: count('--profiles', values.profiles ?? '10000'),
      encryptors: count('--encryptors', values.encryptors ?? '20'),
      pushes: count('--pushes', values.pushes ?? '30'),
      rounds: count('--rounds', values.rounds ?? '3'),
    };
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', (cause as Error).message, {
      fix: 'See what there is: npm run bench -- profiles --help',
      cause,
    });
  }
}

function count(option: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`${option} does not take ${JSON.stringify(text)}`);
}
