import { parseArgs } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';

/** Memory first: what others leave in a process would count for nothing afterwards. */
export const CASES = ['memory', 'download', 'first-byte', 'audit', 'listeners', 'overload'] as const;
export type CaseName = (typeof CASES)[number];

export interface PlaybackOptions {
  readonly only: readonly CaseName[];
  readonly rounds: number;
  /** Of each download, in MiB. */
  readonly mebibytes: number;
  /** Of the large recording, in MiB. */
  readonly largeMebibytes: number;
  /** First bytes of each kind; the cold ones of the large recording are a tenth of them. */
  readonly samples: number;
  readonly listeners: number;
  /** How long they listen, and how long there is too much. */
  readonly seconds: number;
}

export const PLAYBACK_USAGE = `Usage: npm run bench -- playback [--json] [options]

What playing costs, through a crypto server and the HTTP gateway of a whole system over mutual TLS: downloads beside bare
grpc-js and HTTPS; first bytes beside the calls that they cannot do without; 200 listeners at a time; memory for each
stream; records of the audit beside bare publishing; and what callers get while there are too many. Takes three minutes.

  --only LIST       ${CASES.join(',')}; all of them
  --rounds N        how often downloads are measured in turn; 4
  --mib N           size of each download; 256
  --large-mib N     size of the large recording; 2048
  --samples N       first bytes of each kind; 200
  --listeners N     how many listen at a time; 200
  --seconds N       how long they do; 10
  --json            one object a line

  npm run bench -- playback --only download,memory --large-mib 256
`;

const text = { type: 'string' } as const;
const OPTIONS = {
  ...{
    only: text,
    rounds: text,
    mib: text,
    'large-mib': text,
    samples: text,
    listeners: text,
    seconds: text,
  },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Undefined when help is wanted. Throws INVALID_ARGUMENT. */
export function parsePlaybackOptions(args: readonly string[]): PlaybackOptions | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false });
    if (values.help === true) return undefined;
    return {
      only: values.only?.split(',').map(caseNamed) ?? CASES,
      rounds: count('--rounds', values.rounds ?? '4'),
      mebibytes: count('--mib', values.mib ?? '256'),
      largeMebibytes: count('--large-mib', values['large-mib'] ?? '2048'),
      samples: count('--samples', values.samples ?? '200'),
      listeners: count('--listeners', values.listeners ?? '200'),
      seconds: count('--seconds', values.seconds ?? '10'),
    };
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', (cause as Error).message, {
      fix: 'See what there is: npm run bench -- playback --help',
      cause,
    });
  }
}

function caseNamed(name: string): CaseName {
  const found = CASES.find((each) => each === name);
  if (found === undefined) throw new Error(`--only does not take ${JSON.stringify(name)}`);
  return found;
}

function count(option: string, given: string): number {
  if (/^[1-9]\d{0,4}$/.test(given)) return Number(given);
  throw new Error(`${option} does not take ${JSON.stringify(given)}`);
}
