import { parseArgs } from 'node:util';
import { isSuiteName, SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import { AppError } from '@sealtrack/errors/app-error';
import type { Operation } from './engine.ts';
import { ENGINES, type Engine, type Role } from './engines.ts';
import { parseSize } from './sizes.ts';

export interface EnvelopeOptions {
  readonly operations: readonly Operation[];
  readonly suites: readonly SuiteName[];
  /** Bytes. */
  readonly sizes: readonly number[];
  /** Where only opening is measured, and without the JavaScript peers: OpenSSL does not open the largest size. */
  readonly extraOpenSizes: readonly number[];
  readonly engines: readonly Engine[];
  readonly rounds: number;
  /** After so many no other measurement is begun. */
  readonly minutes: number;
}

const SIZES: readonly number[] = [480_000, 230_000_000, 2 ** 31];
const EXTRA_OPEN_SIZES: readonly number[] = [2 ** 30];
const OPERATIONS: readonly Operation[] = ['seal', 'open'];

const ROLES: readonly Role[] = ['limit', 'ours', 'openssl', 'javascript'];
const namesOf = (wanted: Role): string =>
  ENGINES.filter(({ role }) => role === wanted)
    .map(({ name }) => name)
    .join(', ');

export const ENVELOPE_USAGE = `Usage: npm run bench -- envelope [--json] [options]

Seals and opens the same bytes with Sealtrack, with the cipher alone, with OpenSSL and with packages of others, which
are installed in test/bench/peers when they are first wanted. Figures are medians; a job that an engine cannot do within
60 s and 8 GB is reported as that. Files of twice the largest size lie in the temporary folder (TMPDIR) meanwhile.

  --only seal|open    one of the two
  --sizes LIST        such as 480KB,230MB,2GiB; left out: these, and opening 1 GiB
  --suites LIST       of ${SUITE_NAMES.join(', ')}
  --engines LIST      kinds or names:
${ROLES.map((role) => `                        ${role}: ${namesOf(role)}\n`).join('')}  --rounds N          how often each is measured in turn; 3
  --minutes N         begins no other measurement after that; 30
  --json              one object a line

  npm run bench -- envelope --only seal --sizes 230MB --engines limit,ours
`;

/** Undefined when help is wanted. Throws INVALID_ARGUMENT. */
export function parseEnvelopeOptions(args: readonly string[]): EnvelopeOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const sizes = list(values.sizes)?.map((text) => parseSize(text) ?? invalid('--sizes', text));
  return {
    operations: values.only === undefined ? OPERATIONS : [oneOf(OPERATIONS, '--only', values.only)],
    suites:
      list(values.suites)?.map((text) => (isSuiteName(text) ? text : invalid('--suites', text))) ??
      SUITE_NAMES,
    sizes: sizes ?? SIZES,
    extraOpenSizes: sizes === undefined ? EXTRA_OPEN_SIZES : [],
    engines: chosenEngines(list(values.engines)),
    rounds: count('--rounds', values.rounds ?? '3'),
    minutes: count('--minutes', values.minutes ?? '30'),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    only: text,
    sizes: text,
    suites: text,
    engines: text,
    rounds: text,
    minutes: text,
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
}

const list = (text: string | undefined): string[] | undefined => text?.split(',').map((each) => each.trim());

function chosenEngines(names: readonly string[] | undefined): readonly Engine[] {
  if (names === undefined) return ENGINES;
  for (const text of names)
    if (!ENGINES.some(({ name, role }) => name === text || role === text)) invalid('--engines', text);
  return ENGINES.filter(({ name, role }) => names.includes(name) || names.includes(role));
}

function oneOf<T extends string>(known: readonly T[], option: string, text: string): T {
  return known.find((each) => each === text) ?? invalid(option, text);
}

const count = (option: string, text: string): number =>
  /^[1-9]\d{0,3}$/.test(text) ? Number(text) : invalid(option, text);

function invalid(option: string, text: string): never {
  throw wrong(`${option} does not take ${JSON.stringify(text)}`);
}

const wrong = (message: string, cause?: unknown): AppError =>
  new AppError('INVALID_ARGUMENT', message, {
    fix: 'See what there is: npm run bench -- envelope --help',
    cause,
  });
