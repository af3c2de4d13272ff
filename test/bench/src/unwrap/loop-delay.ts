import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Milliseconds: the longest that an event loop was held up by its own work, and by whatever else. */
export interface LoopDelay {
  readonly busy: number;
  readonly delay: number;
}

const HOOK = new URL('./watch-loop.mjs', import.meta.url);
const WITHIN_MS = 5_000;

/** What makes a service watch its event loop and tell `file` of it. */
export const watchLoop = (file: string): Record<string, string> => ({
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${fileURLToPath(HOOK)}`,
  BENCH_LOOP_FILE: file,
});

/** Since it was last asked. */
export async function longestDelay(pid: number | undefined, file: string): Promise<LoopDelay> {
  if (pid === undefined) throw new Error('The service has ended');
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const end = performance.now() + WITHIN_MS;
  while (performance.now() < end) {
    const written = await readFile(file, 'utf8').catch(() => undefined);
    if (written !== undefined) return JSON.parse(written) as LoopDelay;
    await sleep(5);
  }
  throw new Error('The service does not tell of its event loop');
}
