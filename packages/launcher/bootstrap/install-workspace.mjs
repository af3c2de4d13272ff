import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './install-lock.mjs';

const TOOLCHAIN = 'packages/launcher/toolchain';
const STAMP = 'node_modules/.sealtrack-stamp';

/** An installation that failed; its message is all that the user needs. */
export class InstallError extends Error {}

const say = (text) => process.stderr.write(text);
const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** Every package.json of the workspace, from the `folder/*` patterns of pnpm-workspace.yaml. */
function manifests(root) {
  const patterns = (read(join(root, 'pnpm-workspace.yaml')) ?? '').matchAll(/^\s+- (\S+)\/\*\s*$/gm);
  return [...patterns].flatMap(([, folder]) =>
    (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [])
      .sort()
      .map((name) => join(folder, name, 'package.json'))
      .filter((file) => existsSync(join(root, file))),
  );
}

/** Changes whenever what should be installed does. */
function wantedStamp(root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\0`);
  const own = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', `${TOOLCHAIN}/package-lock.json`];
  for (const file of [...own, ...manifests(root)]) hash.update(`${file}\0${read(join(root, file))}\0`);
  return hash.digest('hex');
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The environment of npm and pnpm, which keep their downloads in the home folder. */
function installEnvironment(root) {
  // What `npm run` sets is about the package it runs; the npm started here is about another one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'npm_config_local_prefix'),
  );
  const home = homedir();
  if (isWritable(home)) return env;
  const instead = join(root, '.data/home');
  say(`The home folder ${home} is missing or cannot be written; downloads are kept in ${instead} instead.\n`);
  mkdirSync(instead, { recursive: true });
  return { ...env, HOME: instead };
}

/** Runs one step with one line of output; what the command said is shown only if it fails. */
async function step(title, command, args, options) {
  const started = Date.now();
  say(`${title} … `);
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output = `${output}${text}`.slice(-20_000);
    });
  const [code] = await once(child, 'close').catch((error) => {
    output += error.message;
    return [1];
  });
  if (code === 0) return say(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  say('failed\n');
  throw new InstallError(
    `${output.trimEnd()}\n\n${title} failed: \`${[command, ...args].join(' ')}\` ended with ${code}.\n` +
      'If the registry could not be reached, check the network or proxy settings of npm, then run the same command again.',
  );
}

/** npm as this process was started by it, or as the PATH has it. */
function npmCommand() {
  const self = process.env.npm_execpath ?? '';
  return self.endsWith('npm-cli.js') ? [process.execPath, self] : ['npm'];
}

/** pnpm is a native program, one package for each platform. */
const PNPM_PACKAGE = `@pnpm/exe.${process.platform}-${process.arch}`;

/** Returns the path of the pinned pnpm. */
async function installPnpm(root, env) {
  const folder = join(root, TOOLCHAIN);
  const pnpm = join(folder, 'node_modules', PNPM_PACKAGE, 'pnpm');
  const stamp = join(folder, 'node_modules/.sealtrack-stamp');
  const lockfile = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(`${PNPM_PACKAGE} ${lockfile}`).digest('hex');
  if (read(stamp) === wanted && existsSync(pnpm)) return pnpm;
  // A platform that the lockfile does not know gets the same version of its own package.
  const { optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const args =
    PNPM_PACKAGE in optionalDependencies
      ? ['ci']
      : [
          'install',
          '--no-save',
          '--no-package-lock',
          `${PNPM_PACKAGE}@${Object.values(optionalDependencies)[0]}`,
        ];
  const [command, ...first] = npmCommand();
  const options = ['--no-audit', '--no-fund', '--loglevel=error'];
  await step('Installing pnpm', command, [...first, ...args, ...options], { cwd: folder, env });
  // npm counts an optional package that could not be fetched as a success.
  if (!existsSync(pnpm))
    throw new InstallError(
      `npm did not install ${PNPM_PACKAGE}. If the registry could not be reached, check npm's network or proxy ` +
        'settings and run the same command again; the cause is in the newest file of ~/.npm/_logs.',
    );
  writeFileSync(stamp, wanted);
  return pnpm;
}

/**
 * Makes the installed packages those of the lockfile. Does nothing, in a few milliseconds, when they are. Any number of
 * processes may do this at once. Throws InstallError.
 */
export async function installWorkspace(root) {
  await install(root, root, wantedStamp(root), 'Installing packages');
}

/**
 * The same for a folder that is no part of the workspace and has a lockfile and a pnpm-workspace.yaml of its own, for
 * what most users never need. `title` is shown while it is done. Throws InstallError.
 */
export async function installApart(root, folder, title) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\0`);
  for (const file of ['pnpm-lock.yaml', 'package.json']) hash.update(`${read(join(folder, file))}\0`);
  await install(root, folder, hash.digest('hex'), title);
}

async function install(root, folder, wanted, title) {
  const stamp = join(folder, STAMP);
  if (read(stamp) === wanted) return;
  if (!isWritable(folder))
    throw new InstallError(
      `${folder} cannot be written, so nothing can be installed in it. Make it writable for you.`,
    );
  const lock = join(root, '.data/install.lock');
  const onWait = (pid) =>
    say(`Waiting for the installation by process ${pid} (if there is none, remove ${lock})\n`);
  await withLock(lock, onWait, async () => {
    if (read(stamp) === wanted) return;
    const env = installEnvironment(root);
    const pnpm = await installPnpm(root, env);
    const args = ['install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
    await step(title, pnpm, args, { cwd: folder, env });
    writeFileSync(stamp, wanted);
  });
}
