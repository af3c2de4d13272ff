import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@sealtrack/errors/app-error';
import { type Child, startChild } from '@sealtrack/local-servers/child';
import { lastLines } from '@sealtrack/local-servers/local-server';

const READY_TIMEOUT_MS = 60_000;
/** Longer than a service takes to drain before it gives up by itself. */
const STOP_GRACE_MS = 35_000;
const POLL_MS = 20;

export interface ServiceOptions<Name extends string> {
  readonly name: Name;
  /** The file that Node runs. */
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Told when the process ends without having been stopped or killed from here. */
  readonly onUnexpectedExit?: (name: Name, code: number) => void;
  readonly signal?: AbortSignal;
}

/** A service in a process of its own, that ends with this one. */
export interface ServiceProcess extends AsyncDisposable {
  /** Of its gRPC or HTTP server, as `127.0.0.1:port`; the same for its whole life, restarts included. */
  readonly address: string;
  /** Changes with every restart; undefined while it does not run. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** SIGTERM; resolves when it has drained and ended. */
  stop(): Promise<void>;
  /** Sends a signal, SIGKILL unless told; resolves when it has ended by it, or at once for SIGSTOP and SIGCONT. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it if it runs; starts it on the same address. Resolves when it is ready. */
  restart(): Promise<void>;
}

/**
 * Starts a service on a free loopback port and waits for the line in which it says that it is ready:
 * `{"msg":"ready","addresses":{"grpc":"127.0.0.1:41231"}}`. Throws SERVICE_UNAVAILABLE when it ends before, or takes
 * more than a minute, and CANCELLED when the signal is aborted; then nothing is left running.
 */
export async function startService<Name extends string>(
  options: ServiceOptions<Name>,
): Promise<ServiceProcess> {
  const { name, logFile } = options;
  const expected = new WeakSet<Child>();
  const launch = async (listen: string): Promise<{ child: Child; address: string }> => {
    const offset = await stat(logFile).then(
      ({ size }) => size,
      () => 0,
    );
    const child = await startChild({
      command: process.execPath,
      args: [options.main],
      env: { ...options.env, SEALTRACK_LISTEN: listen },
      logFile,
    });
    try {
      const address = await readyAddress(options, child, offset);
      void child.exited.then((code) => {
        if (!expected.has(child)) options.onUnexpectedExit?.(name, code);
      });
      return { child, address };
    } catch (error) {
      await child.stop(STOP_GRACE_MS);
      throw error;
    }
  };

  let { child, address } = await launch('127.0.0.1:0');
  const stop = async (): Promise<void> => {
    expected.add(child);
    await child.stop(STOP_GRACE_MS);
  };
  return {
    address,
    logFile,
    get pid() {
      return child.hasExited() ? undefined : child.pid;
    },
    stop,
    kill: async (signal = 'SIGKILL') => {
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') return child.send(signal);
      expected.add(child);
      await child.kill(signal);
    },
    restart: async () => {
      await stop();
      ({ child, address } = await launch(address));
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function readyAddress(
  { name, logFile, signal }: Pick<ServiceOptions<string>, 'name' | 'logFile' | 'signal'>,
  child: Child,
  offset: number,
): Promise<string> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    // Looked at before the log: what a process wrote just before its end counts.
    const ended = child.hasExited();
    const address = await findReadyLine(logFile, offset);
    if (address !== undefined && !ended) return address;
    if (ended) throw await notReady(`${name} ended with ${await child.exited} before it was ready`, logFile);
    if (signal?.aborted === true)
      throw new AppError('CANCELLED', `${name} was not waited for`, { fix: 'Start again when you want to.' });
    await sleep(POLL_MS);
  }
  throw await notReady(`${name} was not ready within ${READY_TIMEOUT_MS / 1000} s`, logFile);
}

async function notReady(message: string, logFile: string): Promise<AppError> {
  const log = (await lastLines(logFile, 10)).join('\n');
  return new AppError('SERVICE_UNAVAILABLE', `${message}. The end of its log:\n${log}`, {
    fix: `Put right what its log, ${logFile}, complains about, and start again.`,
  });
}

async function findReadyLine(logFile: string, offset: number): Promise<string | undefined> {
  await using file = await open(logFile, 'r');
  const { size } = await file.stat();
  const written = Buffer.alloc(size - offset);
  await file.read(written, 0, written.length, offset);
  // The last piece is a line that is still being written, or nothing.
  for (const line of written.toString().split('\n').slice(0, -1)) {
    const address = addressIn(line);
    if (address !== undefined) return address;
  }
  return undefined;
}

function addressIn(line: string): string | undefined {
  if (!line.includes('"ready"')) return undefined;
  try {
    const { msg, addresses } = JSON.parse(line) as { msg?: unknown; addresses?: Record<string, unknown> };
    const address = addresses?.grpc ?? addresses?.http;
    return msg === 'ready' && typeof address === 'string' ? address : undefined;
  } catch {
    return undefined;
  }
}
