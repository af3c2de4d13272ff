/** Outside vectors through the product's own code: `npm run conformance -- wycheproof FILE…` */
import { resolve } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { describeFailure } from '@sealtrack/launcher/describe-failure';
import { EXCEPTIONS } from './exceptions.ts';
import { runPfx } from './pfx/run-pfx.ts';
import { createTally, type Verdict } from './verdict.ts';
import { runWycheproof } from './wycheproof/run-wycheproof.ts';
import { runX509 } from './x509/run-x509.ts';

type Run = (files: readonly string[], password?: string) => AsyncIterable<Verdict>;

/** Kinds of vectors. */
const KINDS: Readonly<Record<string, Run>> = {
  wycheproof: runWycheproof,
  x509: runX509,
  pfx: runPfx,
};

const USAGE = `usage: npm run conformance -- <${Object.keys(KINDS).join('|')}> FILE… [--password PASSWORD]

Prints one object a line, {id, expected, got, ms, reason}, and a summary as the last line. Exit code 1: something came
out otherwise than expected, and no reviewed exception says why (test/conformance/src/exceptions.ts). 2: it could not run.

  npm run conformance -- wycheproof ../shared/vectors/wycheproof/*.json
  npm run conformance -- pfx ../shared/vectors/pfx/* --password password
  npm run conformance -- x509 ../shared/vectors/x509/limbo.json ../shared/vectors/x509/limbo-core-ids.json

A JSON array among the files of x509 is a list of the ids of the cases that are wanted.
`;

/** The only option, of key files. `--password=x` is the same, for passwords that begin with a dash. */
function takePassword(args: readonly string[]): {
  readonly files: readonly string[];
  readonly password?: string;
} {
  const at = args.findIndex((arg) => arg === '--password' || arg.startsWith('--password='));
  const option = args[at];
  if (option === undefined) return { files: args };
  const [, inline] = /^--password=(.*)$/s.exec(option) ?? [];
  const password = inline ?? args[at + 1];
  if (password === undefined)
    throw new AppError('INVALID_ARGUMENT', '--password has no value', { fix: 'Give --password PASSWORD.' });
  return { files: args.toSpliced(at, inline === undefined ? 2 : 1), password };
}

async function main([kind = '', ...args]: readonly string[]): Promise<number> {
  if (kind === '--help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const { files, password } = takePassword(args);
  const run = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (run === undefined || files.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const from = process.env.INIT_CWD ?? process.cwd();
  const tally = createTally(kind, EXCEPTIONS);
  for await (const verdict of run(
    files.map((file) => resolve(from, file)),
    password,
  )) {
    console.log(JSON.stringify(tally.add(verdict)));
  }
  const summary = tally.summary();
  console.log(JSON.stringify(summary));
  return summary.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = error instanceof AppError && error.code === 'INVALID_ARGUMENT' ? 2 : 1;
}
