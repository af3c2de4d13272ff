/** Signals this close together are one wish: a terminal, npm and the bootstrap may each deliver the same Ctrl-C. */
const ONE_WISH_MS = 1_000;

export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Aborts when this process is asked to stop: SIGINT, SIGTERM, SIGHUP, or the bootstrap that started it being gone.
 * Asked again, more than a second later, the process ends at once with 130; what it started is reaped.
 */
export function stopSignal(): StopSignal {
  const controller = new AbortController();
  let askedAt: number | undefined;
  const ask = (): void => {
    const now = performance.now();
    askedAt ??= now;
    if (now - askedAt > ONE_WISH_MS) process.exit(130);
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, ask);
  process.on('disconnect', ask);
  // Listening to the bootstrap is no reason to stay alive.
  process.channel?.unref();
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, ask);
      process.off('disconnect', ask);
    },
  };
}
