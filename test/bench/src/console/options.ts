import { parseArgs } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';

export interface ConsoleOptions {
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly readers: number;
  readonly certificates: number;
  readonly samples: number;
  readonly mebibytes: number;
  readonly rounds: number;
}

export const CONSOLE_USAGE = `Usage: npm run bench -- console [--json] [options]

What the console costs beside what it stands on: following events for many browsers beside a bare consumer of the bus, lists beside
the same calls by gRPC, media beside gRPC and the gateway, and what drawing waveforms adds to sealing. Takes a minute.

  --rate N          events a second: half recordings that were encrypted, half the index's answers; 1000
  --seconds N       how long; 8
  --readers N       browsers that follow them; 5
  --certificates N  in the list; 200
  --samples N       times that each list is asked for; 60
  --mib N           size of the recording, and of what is sealed; 64
  --rounds N        times that it is downloaded, and sealed; 5
  --json            one object a line

  npm run bench -- console --rate 5000 --seconds 20
`;

/** Undefined when help is wanted. Throws INVALID_ARGUMENT. */
export function parseConsoleOptions(args: readonly string[]): ConsoleOptions | undefined {
  const text = { type: 'string' } as const;
  const options = {
    ...{
      rate: text,
      seconds: text,
      readers: text,
      certificates: text,
      samples: text,
      mib: text,
      rounds: text,
    },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    if (values.help === true) return undefined;
    return {
      rate: count('--rate', values.rate ?? '1000'),
      seconds: count('--seconds', values.seconds ?? '8'),
      readers: count('--readers', values.readers ?? '5'),
      certificates: count('--certificates', values.certificates ?? '200'),
      samples: count('--samples', values.samples ?? '60'),
      mebibytes: count('--mib', values.mib ?? '64'),
      rounds: count('--rounds', values.rounds ?? '5'),
    };
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', (cause as Error).message, {
      fix: 'See what there is: npm run bench -- console --help',
      cause,
    });
  }
}

function count(option: string, given: string): number {
  if (/^[1-9]\d{0,4}$/.test(given)) return Number(given);
  throw new Error(`${option} does not take ${JSON.stringify(given)}`);
}
