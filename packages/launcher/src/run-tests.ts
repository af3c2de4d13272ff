import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE } from './workspace.ts';

export interface TestCounts {
  readonly passed: number;
  /** Tests, and files that could not even be loaded. */
  readonly failed: number;
  readonly skipped: number;
}

/** What Vitest's JSON reporter writes, as far as it is read here. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Runs Vitest with its usual output, and counts what it says in its results file. */
export async function runTests(args: readonly string[], signal: AbortSignal): Promise<TestCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'sealtrack-results-'));
  const file = join(folder, 'results.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const vitest = join(WORKSPACE, 'node_modules/vitest/vitest.mjs');
    const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
      cwd: WORKSPACE,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    const [code] = await once(child, 'exit');
    signal.removeEventListener('abort', stop);
    return countTests(await readFile(file, 'utf8').catch(() => undefined), code === 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run that went wrong has at least one failure, whatever the results say: an error outside of any test, say. */
export function countTests(json: string | undefined, succeeded: boolean): TestCounts {
  if (json === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const results = JSON.parse(json) as Results;
  const brokenFiles = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  const failed = results.numFailedTests + brokenFiles.length;
  return {
    passed: results.numPassedTests,
    failed: succeeded ? failed : Math.max(failed, 1),
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
