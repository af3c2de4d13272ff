import { spawn } from 'node:child_process';
import { findExecutable } from '@sealtrack/local-servers/executables';

/** Whether a program of others is on this machine; tests that need one that is not are skipped by its name. */
export const hasTool = (name: string): boolean => findExecutable([name]) !== undefined;

export interface Said {
  /** Exit code; undefined when it was ended from here. */
  readonly code: number | undefined;
  readonly stdout: Buffer;
  /** Standard output and standard error, as they came. */
  readonly text: string;
}

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input, which ends behind it unless there is something to wait for. */
  readonly say?: string | Buffer;
  /** What standard output has to show before standard input ends: clients hang up when they have nothing more to say. */
  readonly until?: (stdout: Buffer) => boolean;
}

/** Longer than any of these takes on a slow machine; one that hangs is ended, and its test fails with what it said. */
const DEADLINE_MS = 30_000;

/** Runs one to its end. Rejects only when it cannot be started. */
export function tool(name: string, args: readonly string[], options: ToolOptions = {}): Promise<Said> {
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  const child = spawn(findExecutable([name]) ?? name, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, LC_ALL: 'C' },
    timeout: DEADLINE_MS,
  });
  const out: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk);
    all.push(chunk);
    if (options.until?.(Buffer.concat(out))) child.stdin.end();
  });
  child.stderr.on('data', (chunk: Buffer) => all.push(chunk));
  // One that has hung up reads no more.
  child.stdin.on('error', () => {});
  child.stdin.write(options.say ?? '');
  if (options.until === undefined) child.stdin.end();
  child.on('error', reject);
  child.on('close', (code) =>
    resolve({
      code: code ?? undefined,
      stdout: Buffer.concat(out),
      text: Buffer.concat(all).toString('latin1'),
    }),
  );
  return promise;
}

/** Java's, whose start is most of what it takes. */
export const keytool = (...args: readonly string[]): Promise<Said> =>
  tool('keytool', ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC', ...args]);
