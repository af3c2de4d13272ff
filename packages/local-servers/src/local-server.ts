import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@sealtrack/errors/app-error';
import { type Child, startChild } from './child.ts';
import { dockerRunArgs, killContainer } from './docker.ts';
import { findServer } from './find-server.ts';
import { forget, reap } from './reaper.ts';
import type { ServerKind } from './server-kinds.ts';

const START_TIMEOUT_MS = 30_000;
const ATTEMPTS = 10;

export interface LocalServerOptions {
  /** The server's own folder; created when missing, and never shared by two servers. */
  readonly dir: string;
  /** Where to look for a server; process.env unless told. */
  readonly env?: NodeJS.ProcessEnv;
  readonly log?: (line: string) => void;
}

/** PEM files of one party, as the settings SEALTRACK_TLS_… name them. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly certificateKey: string;
  readonly trustedCa: string;
}

/** What a server shows, and whom it believes. Without it a server speaks to everybody, in the clear. */
export interface ServerTls extends CertificateFiles {
  /** Of the administrator: for asking the server whether it is ready. */
  readonly probe: CertificateFiles;
}

/** A server on a loopback port. It ends with the process that started it, even if that is killed. */
export interface LocalServer extends AsyncDisposable {
  readonly url: string;
  /** Changes with every restart. Undefined while stopped, and for a server that somebody else runs. */
  readonly pid: number | undefined;
  /** Asks it to stop and resolves when it has. Harmless when it is stopped already. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it on the same port and data. */
  restart(): Promise<void>;
}

/** What differs between one kind of server and another. */
export interface ServerRecipe {
  readonly kind: ServerKind;
  /** Of its URL; the kind's name unless told. */
  readonly scheme?: string;
  /** The arguments of one server process; may write its configuration into `dir` first. */
  arguments(place: Place): Promise<readonly string[]>;
  /** Whether the server on the port is the one called `name`, and ready for work. */
  isReady(port: number, name: string): Promise<boolean>;
}

export interface Place {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The server's folder, as the server sees it. */
  readonly dir: string;
  /** The same folder, as this process sees it. */
  readonly hostDir: string;
}

export async function startLocalServer(
  recipe: ServerRecipe,
  options: LocalServerOptions,
): Promise<LocalServer> {
  const { kind } = recipe;
  const found = await findServer(kind, options.env);
  if (found.how === 'url') return foreignServer(kind, found.url);
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const logFile = join(dir, `${kind.name}.log`);
  // Nobody else's server has this name: it is how ours is told from one that took the port first.
  const name = `sealtrack-${kind.name}-${randomUUID()}`;

  const launch = async (port: number): Promise<Child> => {
    if (found.how === 'docker') {
      const place = { name, host: '0.0.0.0', port: kind.containerPort, dir: '/data', hostDir: dir };
      const run = dockerRunArgs({ name, image: found.image, dir, port, containerPort: kind.containerPort });
      reap('container', name);
      return startChild({
        command: 'docker',
        args: [...run, ...(await recipe.arguments(place))],
        logFile,
      });
    }
    const args = await recipe.arguments({ name, host: '127.0.0.1', port, dir, hostDir: dir });
    return startChild({ command: found.path, args, cwd: dir, logFile });
  };

  const start = async (fixedPort?: number): Promise<{ child: Child; port: number }> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const port = fixedPort ?? (await freePort());
      const child = await launch(port);
      if (await becomesReady(child, () => recipe.isReady(port, name))) return { child, port };
      // Another process may have taken the port between the look and the start.
      if (fixedPort !== undefined) await sleep(500);
      else if (await isFree(port)) break;
    }
    throw new AppError(kind.missingCode, `The ${kind.name} server did not start`, {
      fix: `Read the end of its log, ${logFile}, and put right what it complains about.`,
      details: { log: (await lastLines(logFile, 5)).join('\n') },
    });
  };

  let { child, port } = await start();
  options.log?.(`${kind.name} on 127.0.0.1:${port} (${found.how}, pid ${child.pid})`);
  const stop = async (): Promise<void> => {
    await child.stop();
    if (found.how === 'docker') forget('container', name);
  };
  return {
    url: `${recipe.scheme ?? kind.name}://127.0.0.1:${port}`,
    get pid() {
      return child.hasExited() ? undefined : child.pid;
    },
    stop,
    kill: async () => {
      if (found.how === 'docker') killContainer(name);
      await child.kill();
    },
    restart: async () => {
      await stop();
      child = (await start(port)).child;
    },
    [Symbol.asyncDispose]: stop,
  };
}

function foreignServer(kind: ServerKind, url: string): LocalServer {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new AppError('INVALID_ARGUMENT', `The ${kind.name} server at ${kind.urlVariable} is not ours to stop`, {
        fix: `Unset ${kind.urlVariable} to get a server that may be stopped and started.`,
      }),
    );
  const leave = (): Promise<void> => Promise.resolve();
  return {
    url,
    pid: undefined,
    stop: leave,
    kill: refuse,
    restart: refuse,
    [Symbol.asyncDispose]: leave,
  };
}

async function becomesReady(child: Child, isReady: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!child.hasExited() && Date.now() < deadline) {
    if (await isReady()) return true;
    await sleep(20);
  }
  await child.stop(1_000);
  return false;
}

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer().once('error', () => answer(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
  });
}

export async function lastLines(file: string, count: number): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count);
}
