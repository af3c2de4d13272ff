import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { forget, reap } from './reaper.ts';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Standard output and error are appended here, so that no reader has to keep up. */
  readonly logFile: string;
}

export interface Child {
  readonly pid: number;
  /** Resolves with the exit code, or 128 for a signal, or rejects when the program could not be started. */
  readonly exited: Promise<number>;
  hasExited(): boolean;
  /** SIGTERM, then SIGKILL after `graceMs` (5,000). Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
  /** Sends the signal and does not wait for what comes of it. */
  send(signal: NodeJS.Signals): void;
  /** Sends the signal and resolves when the process has ended by it; SIGKILL unless told. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Starts a process that ends when this one does (see reaper.ts), in a session of its own: a terminal's Ctrl-C
 * reaches only the starter, which then decides the order in which things stop.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', log, log],
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  closeSync(log);
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : 128));
  exited.catch(() => {});
  await once(child, 'spawn');
  const pid = child.pid as number;
  reap('pid', pid);
  child.once('exit', () => forget('pid', pid));
  // A starter that is done may exit without stopping it: the reaper does.
  child.unref();
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;

  const signalAndWait = async (signal: NodeJS.Signals, graceMs?: number): Promise<void> => {
    if (hasExited()) return;
    child.ref();
    child.kill(signal);
    // A suspended process acts on nothing but SIGKILL until it is woken.
    child.kill('SIGCONT');
    if (graceMs !== undefined) {
      const timer = new AbortController();
      await Promise.race([exited, sleep(graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
      if (!hasExited()) child.kill('SIGKILL');
    }
    await exited;
  };

  return {
    pid,
    exited,
    hasExited,
    send: (signal) => void child.kill(signal),
    stop: (graceMs = 5_000) => signalAndWait('SIGTERM', graceMs),
    kill: (signal = 'SIGKILL') => signalAndWait(signal),
  };
}
