#!/usr/bin/env node
/**
 * Starts the command line on a Node that runs TypeScript: this one if it is new enough, or the one that came with the
 * workspace. Plain JavaScript without dependencies, because Node 18 has to be able to read it.
 */
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_NODE = 24;
// The real path: npx and global installs start this through a link elsewhere.
const SELF = realpathSync(fileURLToPath(import.meta.url));
const MAIN = join(dirname(SELF), '../src/main.ts');

function findBundledNode() {
  const name = `node_modules/node-${process.platform}-${process.arch}/bin/node`;
  for (let folder = dirname(SELF); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

function reexecute(node) {
  // The channel carries nothing. It closes when this process goes, whatever the reason, and so tells the child.
  const child = spawn(node, [MAIN, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // A terminal sends Ctrl-C to the child as well: signals close together are one request there.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail(`${node} could not be started: ${error.message}`, 'Run npm install again.'),
  );
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message, fix) {
  process.stderr.write(`error: ${message}\nfix: ${fix}\n`);
  process.exit(1);
}

if (Number.parseInt(process.versions.node, 10) >= NEEDED_NODE) {
  // Taking the types out of the sources and compiling them is most of a short command's time: done once.
  module.enableCompileCache?.(join(dirname(SELF), '../node_modules/.cache/node'));
  await import(MAIN);
} else {
  const node = findBundledNode();
  if (node === undefined)
    fail(
      `sealtrack needs Node ${NEEDED_NODE} or later; this is ${process.version}, and none is bundled for ${process.platform} on ${process.arch}.`,
      'Run npm start once, which installs it where it can, or install Node from https://nodejs.org/en/download.',
    );
  reexecute(node);
}
