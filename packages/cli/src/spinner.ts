import type { Context } from './context.ts';

const QUIET_MS = 1_000;
const REDRAW_MS = 200;
const CLEAR_LINE = '\r\u001b[K';
const FRAMES = ['|', '/', '-', '\\'] as const;

/** Does work of which nobody knows how far it is, and shows people who have waited a second for it that it goes on. */
export async function withSpinner<T>(
  { io }: Pick<Context, 'io'>,
  label: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!io.showsProgress) return await work();
  const started = performance.now();
  let frame = 0;
  const timer = setInterval(() => {
    const elapsed = performance.now() - started;
    if (elapsed < QUIET_MS) return;
    io.stderr.write(
      `${CLEAR_LINE}${label} ${FRAMES[frame++ % FRAMES.length]} ${Math.floor(elapsed / 1000)} s`,
    );
  }, REDRAW_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (frame > 0) io.stderr.write(CLEAR_LINE);
  }
}
