import { parseArgs } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';

export interface TlsOptions {
  readonly rounds: number;
  /** Of each stream, in MiB. */
  readonly mebibytes: number;
  /** How long calls and handshakes are counted at a time. */
  readonly milliseconds: number;
}

export const TLS_USAGE = `Usage: npm run bench -- tls [--json] [options]

What securing connections costs: streams and calls of our gRPC over mutual TLS, beside our own over plaintext and grpc-js
alone over TLS; and handshakes with both sides judging each other as services do, beside node:tls alone. In turn, between
two threads of one process; figures are medians of the rounds. Takes less than a minute.

  --rounds N   how often each is measured in turn; 5
  --mib N      size of each stream; 64
  --ms N       how long calls and handshakes are counted at a time; 500
  --json       one object a line

  npm run bench -- tls --rounds 3
`;

/** Undefined when help is wanted. Throws INVALID_ARGUMENT. */
export function parseTlsOptions(args: readonly string[]): TlsOptions | undefined {
  const text = { type: 'string' } as const;
  const options = { rounds: text, mib: text, ms: text, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    if (values.help === true) return undefined;
    return {
      rounds: count('--rounds', values.rounds ?? '5'),
      mebibytes: count('--mib', values.mib ?? '64'),
      milliseconds: count('--ms', values.ms ?? '500'),
    };
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', (cause as Error).message, {
      fix: 'See what there is: npm run bench -- tls --help',
      cause,
    });
  }
}

function count(option: string, text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new Error(`${option} does not take ${JSON.stringify(text)}`);
}
