import { parseArgs } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';

export interface UnwrapOptions {
  /** RSA moduli, in bits. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  /** Each engine runs twice as long in a round. */
  readonly milliseconds: number;
}

const SIZES: readonly number[] = [2048, 3072, 4096];

export const UNWRAP_USAGE = `Usage: npm run bench -- unwrap [--json] [options]

Session keys a second through the crypto server's UnwrapKeys, one a call and 64 a call, beside privateDecrypt alone in two
threads and openssl speed, in turn, on the same cores. Figures are medians of the rounds. Takes three minutes.

  --sizes LIST    bits of the RSA keys; ${SIZES.join(',')}
  --rounds N      how often each is measured in turn; 5
  --ms N          how long each runs at a time, twice in a round; 1000
  --json          one object a line

  npm run bench -- unwrap --sizes 2048 --rounds 2
`;

/** Undefined when help is wanted. Throws INVALID_ARGUMENT. */
export function parseUnwrapOptions(args: readonly string[]): UnwrapOptions | undefined {
  const text = { type: 'string' } as const;
  const options = { sizes: text, rounds: text, ms: text, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    if (values.help === true) return undefined;
    return {
      sizes: values.sizes?.split(',').map((size) => count('--sizes', size, SIZES)) ?? SIZES,
      rounds: count('--rounds', values.rounds ?? '5'),
      milliseconds: count('--ms', values.ms ?? '1000'),
    };
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', (cause as Error).message, {
      fix: 'See what there is: npm run bench -- unwrap --help',
      cause,
    });
  }
}

function count(option: string, text: string, known?: readonly number[]): number {
  const value = Number(text);
  if (/^[1-9]\d{0,4}$/.test(text) && (known?.includes(value) ?? true)) return value;
  throw new Error(`${option} does not take ${JSON.stringify(text)}`);
}
