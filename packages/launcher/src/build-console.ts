import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { withLock } from '@sealtrack/authority/lock';
import { AppError } from '@sealtrack/errors/app-error';

export interface BuildConsoleOptions {
  /** Of the service, with its pages in `web`. They are built to `dist`. */
  readonly dir: string;
  readonly log?: (line: string) => void;
  /** Aborted: building is given up with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

/** In what was built, the digest of what it was built of. Whoever serves the folder serves no names with a dot before them. */
const STAMP = '.sources';
const SLOWEST_MS = 300_000;

/**
 * Builds the console's pages, unless those that are there are of the same sources; nothing where the service has none. Any number of
 * processes may do this at once: one of them builds, and the new pages are put in place of the old ones as a whole.
 * Throws CONFIG_INVALID with what Vite says, and CANCELLED.
 */
export async function buildConsole({ dir, log = () => {}, signal }: BuildConsoleOptions): Promise<void> {
  if (!existsSync(join(dir, 'web/index.html'))) return;
  const digest = await digestOf(dir);
  if ((await builtOf(dir)) === digest) return;
  const build = async (): Promise<void> => {
    if ((await builtOf(dir)) === digest) return;
    log("building the console's pages …");
    await runVite(dir, signal);
    await writeFile(join(dir, NEXT, STAMP), digest);
    await putInPlace(dir);
  };
  await withLock(join(dir, 'dist.lock'), build, { waitMs: SLOWEST_MS });
}

const NEXT = 'dist.next';
const BEFORE = 'dist.before';

async function putInPlace(dir: string): Promise<void> {
  const at = (name: string) => join(dir, name);
  const clear = () => rm(at(BEFORE), { recursive: true, force: true });
  await clear();
  await rename(at('dist'), at(BEFORE)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(at(NEXT), at('dist'));
  await clear();
}

const builtOf = (dir: string): Promise<string | undefined> =>
  readFile(join(dir, 'dist', STAMP), 'utf8').catch(() => undefined);

/** Of the pages, and of the manifest, which has the versions of what they are made with. */
async function digestOf(dir: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(join(dir, 'web'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of [join(dir, 'package.json'), ...files.sort()]) {
    const content = await readFile(file);
    hash.update(`${file.slice(dir.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

async function runVite(dir: string, signal: AbortSignal | undefined): Promise<void> {
  const vite = join(dir, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite))
    throw new AppError('CONFIG_INVALID', "What builds the console's pages is not installed", {
      fix: 'Install the workspace with its development packages: any npm command at its root does, such as npm start.',
    });
  const args = ['build', 'web', '--outDir', `../${NEXT}`, '--emptyOutDir', '--logLevel', 'warn'];
  // Its settings are read as they are, by Node: the other ways write a file beside them.
  const child = spawn(process.execPath, [vite, ...args, '--configLoader', 'native'], {
    ...{ cwd: dir, stdio: ['ignore', 'pipe', 'pipe'], signal },
    // React for developers has several times the size, and is what a test would get.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const code = await ended.catch((cause: unknown) => {
    if (!signal?.aborted) throw cause;
    throw new AppError('CANCELLED', "The console's pages were not waited for", {
      fix: 'Start again when you want to.',
    });
  });
  if (code === 0) return;
  const lines = (await said).join('').trim().split('\n').slice(-20).join('\n');
  throw new AppError('CONFIG_INVALID', `The console's pages could not be built:\n${lines}`, {
    fix: 'Mend what is named in services/console/web, and start again.',
  });
}
