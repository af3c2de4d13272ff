import type { Readable, Writable } from 'node:stream';

/** Everything a command may touch of its process, so that tests can run commands side by side. */
export interface Io {
  readonly stdin: Readable;
  /** Standard input, when a person is typing there and sees what is asked: only then are there questions. */
  readonly keyboard: Keyboard | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether people watch standard error: only then is there progress to show. */
  readonly showsProgress: boolean;
  /** Aborted by Ctrl-C, by SIGTERM, and when nobody reads standard output any more. */
  readonly signal: AbortSignal;
}

/** A terminal. In raw mode it neither echoes nor turns keys into lines and signals. */
export interface Keyboard extends Readable {
  readonly isRaw?: boolean;
  setRawMode(raw: boolean): unknown;
}

/** Why a command was asked to stop before it was done. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(reason: string, exitCode: number) {
    super(reason);
    this.name = 'Interrupted';
    this.exitCode = exitCode;
  }
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Signals this close together are one request: the terminal, npx and bin/sealtrack.mjs may each deliver one Ctrl-C. */
const ONE_REQUEST_MS = 1_000;

/** The real process. A second request to stop ends it at once. */
export function processIo(): Io {
  const stopping = new AbortController();
  let askedAt: number | undefined;
  const stop = (reason: string, exitCode: number): void => {
    const now = performance.now();
    if (askedAt !== undefined && now - askedAt > ONE_REQUEST_MS) process.exit(exitCode);
    askedAt ??= now;
    stopping.abort(new Interrupted(reason, exitCode));
  };
  for (const [name, exitCode] of Object.entries(SIGNALS))
    process.on(name, () => stop(`Stopped by ${name}`, exitCode));
  // The channel of bin/sealtrack.mjs, which closes when that is killed. Listening is no reason to stay alive.
  process.once('disconnect', () => stop('The starter of this command is gone', SIGNALS.SIGTERM));
  process.channel?.unref();
  // `sealtrack … | head` is no failure: the reader has what it wanted.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stopping.abort(new Interrupted('Nobody reads the output any more', 0));
  });
  return {
    stdin: process.stdin,
    keyboard: process.stdin.isTTY && process.stderr.isTTY ? process.stdin : undefined,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    showsProgress: process.stderr.isTTY === true,
    signal: stopping.signal,
  };
}
