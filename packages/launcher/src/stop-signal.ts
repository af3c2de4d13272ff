export interface StopRequest {
  /** Aborted when somebody asks this process to stop, or the one that started it is gone. */
  readonly signal: AbortSignal;
  /** 128 + the signal's number, as shells have it; undefined until asked. */
  exitCode(): number | undefined;
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Signals this close together are one request: the terminal, npm and bootstrap.mjs may each deliver one Ctrl-C. */
const ONE_REQUEST_MS = 1_000;

/** A second request ends the process at once; what it started ends with it (local-servers/reaper.ts). */
export function listenForStop(): StopRequest {
  const stopping = new AbortController();
  let asked: { readonly code: number; readonly at: number } | undefined;
  const stop = (code: number): void => {
    const at = performance.now();
    if (asked !== undefined && at - asked.at > ONE_REQUEST_MS) process.exit(code);
    asked ??= { code, at };
    stopping.abort();
  };
  for (const [name, code] of Object.entries(SIGNALS)) process.on(name, () => stop(code));
  // The channel of bootstrap.mjs, which closes when that is killed. Listening to it is no reason to stay alive.
  process.once('disconnect', () => stop(SIGNALS.SIGTERM));
  process.channel?.unref();
  return { signal: stopping.signal, exitCode: () => asked?.code };
}
