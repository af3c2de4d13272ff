import { PassThrough, Readable, Writable } from 'node:stream';
import { PLAINTEXT_WARNING } from '../connections.ts';
import type { Io, Keyboard } from '../io.ts';
import { run } from '../run.ts';

export interface CliOptions {
  readonly env?: Record<string, string | undefined>;
  readonly cwd?: string;
  readonly stdin?: Iterable<Uint8Array>;
  /** What a person types at a terminal; without it there is no terminal. */
  readonly typed?: string;
  readonly signal?: AbortSignal;
  readonly showsProgress?: boolean;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: Buffer;
  /** Standard output as text. */
  readonly text: string;
  /** Without the warning of plaintext, which would be in every one of them. */
  readonly stderr: string;
  readonly warnedOfPlaintext: boolean;
  /** Every line of standard output as JSON. */
  json(): unknown[];
}

/** A folder in which nothing runs, so that no test ever finds a system of the developer's. */
const NOWHERE = '127.0.0.1:1';
const UNREACHABLE = {
  SEALTRACK_INGEST_ADDRESS: NOWHERE,
  SEALTRACK_RECORDINGS_ADDRESS: NOWHERE,
  SEALTRACK_CRYPTO_ADDRESS: NOWHERE,
  SEALTRACK_PROFILES_ADDRESS: NOWHERE,
  SEALTRACK_NATS_URL: `nats://${NOWHERE}`,
  // Stubs are in this process, unless a test is about how to connect.
  SEALTRACK_TLS: 'off',
};

const PLAINTEXT_LINE = new RegExp(`^(\\{"note":")?${PLAINTEXT_WARNING}("\\})?\n`, 'gm');

function keyboard(typed: string): Keyboard {
  const keys = new PassThrough();
  keys.write(typed);
  return Object.assign(keys, { setRawMode: () => {} });
}

/** Runs one command line in this process, as main.ts would in its own. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const into = (chunks: Buffer[]) =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(Buffer.from(chunk));
        done();
      },
    });
  const io: Io = {
    stdin: options.stdin === undefined ? new PassThrough().end() : Readable.from(options.stdin),
    keyboard: options.typed === undefined ? undefined : keyboard(options.typed),
    stdout: into(out),
    stderr: into(err),
    env: { ...UNREACHABLE, ...options.env },
    cwd: options.cwd ?? process.cwd(),
    showsProgress: options.showsProgress ?? false,
    signal: options.signal ?? new AbortController().signal,
  };
  const code = await run(args, io);
  const stdout = Buffer.concat(out);
  const text = stdout.toString();
  const json = (): unknown[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  const said = Buffer.concat(err).toString();
  const stderr = said.replaceAll(PLAINTEXT_LINE, '');
  return { code, stdout, text, stderr, warnedOfPlaintext: stderr !== said, json };
}
