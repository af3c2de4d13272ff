/**
 * All that a change must pass: `npm test`. With `tests` only the tests; what follows goes to Vitest:
 * `npm test -- tests packages/bus`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { toAppError } from '@sealtrack/errors/app-error';
import { ensureOpenssl, findServer } from '@sealtrack/local-servers/find-server';
import { NATS, REDIS } from '@sealtrack/local-servers/server-kinds';
import { runTests } from './run-tests.ts';
import { listenForStop } from './stop-signal.ts';
import { WORKSPACE } from './workspace.ts';

type Step = readonly [title: string, run: () => Promise<Outcome>];

const { signal, exitCode } = listenForStop();

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

async function run(command: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(command, args, { cwd: WORKSPACE, stdio: ['ignore', 'pipe', 'pipe'], signal });
  const ended = once(child, 'close').catch((error: Error) => [error.message]);
  const [[code], ...output] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { ok: code === 0, output: output.join('') };
}

const tool = (name: string, ...args: string[]) => run(join(WORKSPACE, 'node_modules/.bin', name), args);

/** The tests start these themselves; getting them first makes one clear error of many. */
async function getServers(): Promise<Outcome> {
  try {
    const env = { ...process.env, [NATS.urlVariable]: '', [REDIS.urlVariable]: '' };
    await Promise.all([findServer(NATS, env), findServer(REDIS, env), ensureOpenssl()]);
    return { ok: true, output: '' };
  } catch (error) {
    const { message, fix } = toAppError(error);
    return { ok: false, output: `${message}\n${fix}\n` };
  }
}

const STEPS: readonly Step[] = [
  ['generated code', () => run(process.execPath, ['packages/contracts/generate.ts', '--check'])],
  ['types', () => tool('tsc', '--project', '.')],
  ['types of the pages', () => tool('tsc', '--project', 'services/console/web')],
  ['lint, format, dependency rules', () => tool('biome', 'check', '--error-on-warnings')],
  ['servers for the tests', getServers],
];

async function runStep([title, work]: Step): Promise<boolean> {
  const started = performance.now();
  const { ok, output } = await work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!ok) process.stdout.write(output);
  console.log(`${ok ? '✓' : '✗'} ${title}  ${seconds} s`);
  return ok;
}

const [what, ...rest] = process.argv.slice(2);
const steps = what === 'tests' ? STEPS.slice(-1) : STEPS;
const failedSteps: string[] = [];
for (const step of steps) {
  if (signal.aborted) break;
  if (!(await runStep(step))) failedSteps.push(step[0]);
}
if (signal.aborted) process.exit(exitCode());

const tests = await runTests(what === 'tests' ? rest : process.argv.slice(2), signal);
if (signal.aborted) process.exit(exitCode());
if (failedSteps.length > 0) console.log(`\nFailed before the tests: ${failedSteps.join('; ')}`);
// The last line is read by machines; a failed step must not look like a success in it.
const failed = tests.failed + failedSteps.length;
const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : '';
console.log(`\n${tests.passed} passed, ${failed} failed${skipped}`);
process.exit(failed === 0 ? 0 : 1);
