/** Outside vectors through the product's own code: `npm run conformance -- wycheproof FILE…` */
import { resolve } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { describeFailure } from '@sealtrack/launcher/describe-failure';
import { EXCEPTIONS } from './exceptions.ts';
import { createTally, type Verdict } from './verdict.ts';
import { runWycheproof } from './wycheproof/run-wycheproof.ts';
import { runX509 } from './x509/run-x509.ts';

type Run = (files: readonly string[]) => AsyncIterable<Verdict>;

/** Kinds of vectors. Those without a run come with the import of PKCS#12. */
const KINDS: Readonly<Record<string, Run | undefined>> = {
  wycheproof: runWycheproof,
  x509: runX509,
  pfx: undefined,
};

const USAGE = `usage: npm run conformance -- <${Object.keys(KINDS).join('|')}> FILE…

Prints one object a line, {id, expected, got, ms, reason}, and a summary as the last line. Exit code 1: something came
out otherwise than expected, and no reviewed exception says why (test/conformance/src/exceptions.ts). 2: it could not run.

  npm run conformance -- wycheproof ../shared/vectors/wycheproof/*.json
  npm run conformance -- x509 ../shared/vectors/x509/limbo.json ../shared/vectors/x509/limbo-core-ids.json

A JSON array among the files of x509 is a list of the ids of the cases that are wanted.
`;

async function main([kind = '', ...files]: readonly string[]): Promise<number> {
  if (kind === '--help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const run = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (run === undefined || files.length === 0) {
    const why = Object.hasOwn(KINDS, kind) && run === undefined ? `${kind} is not there yet\n` : '';
    process.stderr.write(why + USAGE);
    return 2;
  }
  const from = process.env.INIT_CWD ?? process.cwd();
  const tally = createTally(kind, EXCEPTIONS);
  for await (const verdict of run(files.map((file) => resolve(from, file)))) {
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
