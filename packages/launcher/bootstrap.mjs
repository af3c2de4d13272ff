/**
 * Runs a script or a tool of this repository on a machine that may have nothing but Node 18 and npm:
 *
 *   node packages/launcher/bootstrap.mjs packages/launcher/src/demo.ts [arguments]
 *   node packages/launcher/bootstrap.mjs --bin biome [arguments]
 *
 * It installs the workspace if what is installed is not what the lockfile says, finds a Node that runs TypeScript, and
 * hands over: standard streams, arguments, signals and the exit code are those of the script. Plain JavaScript without
 * dependencies, because it runs before there is anything else.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InstallError, installWorkspace } from './bootstrap/install-workspace.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const BIN = join(ROOT, 'node_modules/.bin');
const NEEDED_NODE = 24;

const majorOf = (version) => Number.parseInt(version, 10);

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** The Node that runs this if it is new enough, or the one that came with the workspace. */
function findNode() {
  if (majorOf(process.versions.node) >= NEEDED_NODE) return process.execPath;
  const bundled = join(ROOT, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(bundled)) return bundled;
  return fail(
    `Sealtrack needs Node ${NEEDED_NODE} or later; this is ${process.version}, and none is bundled for ` +
      `${process.platform} on ${process.arch}.\nInstall it from https://nodejs.org/en/download and try again.`,
  );
}

function environmentFor(node) {
  // Tools start with `#!/usr/bin/env node`. Where none is bundled, that has to find the one that was chosen.
  const folders = existsSync(join(BIN, 'node')) ? [BIN] : [BIN, dirname(node)];
  return {
    // Half of a service's start is taking types out of sources and compiling them: it is done once.
    NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node'),
    ...process.env,
    PATH: [...folders, process.env.PATH ?? ''].join(delimiter),
  };
}

function start(node, [first, ...rest]) {
  const env = environmentFor(node);
  if (first !== '--bin') {
    // The channel carries nothing. It closes when this process goes, whatever the reason, and so tells the script.
    return spawn(node, [resolve(first), ...rest], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  }
  const [tool, ...args] = rest;
  const path = join(BIN, tool ?? '');
  if (tool === undefined || !existsSync(path)) fail(`There is no tool called ${tool} in ${BIN}.`);
  return spawn(path, args, { stdio: 'inherit', env });
}

/**
 * A terminal sends Ctrl-C to every process of the group, the script included: sending it on as well would look like
 * a second, impatient one. Other signals reach this process alone.
 */
function forwardSignals(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  if (process.env.npm_lifecycle_event === undefined) return;
  // npm killed by SIGKILL cannot pass anything on; its script then has another parent.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
  watch.unref();
}

const args = process.argv.slice(2);
if (majorOf(process.versions.node) < 18)
  fail(`Sealtrack needs Node 18 or later to start; this is ${process.version}.`);
if (args.length === 0)
  fail('Usage: node packages/launcher/bootstrap.mjs <script.ts>|--bin <tool> [arguments]');

try {
  await installWorkspace(ROOT);
} catch (error) {
  if (error instanceof InstallError) fail(error.message);
  throw error;
}
const child = start(findNode(), args);
forwardSignals(child);
child.on('error', (error) => fail(`${child.spawnfile} could not be started: ${error.message}`));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
