import { AppError } from '@sealtrack/errors/app-error';
import type { LocalServer } from '@sealtrack/local-servers/local-server';
import { expect } from 'vitest';

export type Way = 'killed' | 'suspended';
export const WAYS: readonly Way[] = ['killed', 'suspended'];

/** Takes the server away until disposed: killed, it refuses connections; suspended, it answers nothing. */
export async function outage(
  server: LocalServer,
  how: Way,
): Promise<AsyncDisposable & { end(): Promise<void> }> {
  const signal = (name: NodeJS.Signals): void => void process.kill(server.pid ?? 0, name);
  if (how === 'killed') await server.kill();
  else signal('SIGSTOP');
  let over = false;
  const end = async (): Promise<void> => {
    if (over) return;
    over = true;
    if (how === 'killed') await server.restart();
    else signal('SIGCONT');
  };
  return { end, [Symbol.asyncDispose]: end };
}

/** Below the 10 s after which unary calls are given up without a reason. */
const PATIENCE_MS = 9_000;

/** That a caller is told why and what to do, before it has lost its patience. */
export async function expectRefused(
  what: string,
  { code, fix }: { readonly code: string; readonly fix: RegExp },
  work: () => Promise<unknown>,
): Promise<void> {
  const asked = performance.now();
  const outcome = await work().catch((error: unknown) => error);
  expect(outcome, what).toBeInstanceOf(AppError);
  expect(outcome, what).toMatchObject({ code, fix: expect.stringMatching(fix) });
  expect(performance.now() - asked, what).toBeLessThan(PATIENCE_MS);
}
