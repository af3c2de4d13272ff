import { link, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@sealtrack/errors/app-error';
import { fileError, isMissing, isThere } from './file-errors.ts';
import { isGone, type LockOwner, newOwner, parseOwner } from './lock-owner.ts';

export interface LockOptions {
  /** How long to wait for others, in milliseconds. */
  readonly waitMs?: number;
}

/** Longer than the lock of a machine that cannot be asked is respected. */
const WAIT_MS = 90_000;
const POLL_MS = 5;
const SLOWEST_POLL_MS = 50;

/**
 * Does something while no other process does anything under the same lock file. What a killed process left locked is taken
 * over. Throws STORE_UNAVAILABLE when others hold it for too long, and what `work` throws.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { waitMs = WAIT_MS }: LockOptions = {},
): Promise<T> {
  const held = await waitFor(path, waitMs);
  try {
    return await work();
  } finally {
    await held.release();
  }
}

interface Held {
  release(): Promise<void>;
}

async function waitFor(path: string, waitMs: number): Promise<Held> {
  const until = performance.now() + waitMs;
  for (let pollMs = POLL_MS; ; pollMs = Math.min(pollMs * 1.5, SLOWEST_POLL_MS)) {
    const held = await take(path);
    if (held !== undefined) return held;
    if (performance.now() > until) throw await busy(path);
    // Not all at the same moment.
    await pause(pollMs * (0.5 + Math.random()));
  }
}

/** Undefined when somebody has it. */
async function take(path: string): Promise<Held | undefined> {
  const before = await lookAt(path);
  if (before !== undefined && !before.isGone) return undefined;
  const mine = newOwner();
  const text = `${JSON.stringify(mine)}\n`;
  const draft = `${path}-${mine.nonce}`;
  try {
    await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
    const isTaken =
      before === undefined ? await putThere(draft, path, text) : await takeOver(draft, path, before);
    return isTaken ? { release: () => release(path, text) } : undefined;
  } catch (error) {
    throw fileError(path, error);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A link never replaces a lock that came up meanwhile, and has its whole content from the start. */
async function putThere(draft: string, path: string, text: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    if (!hasNoLinks(error)) throw error;
  }
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
}

/**
 * Two who find the same lock abandoned must not both take it over, nor may one take away what the other just took. So
 * whoever wants to replace a lock has to hold a lock on doing that, one of its own for each lock that ever was; in
 * case its holder is killed too, that is taken over in the same way.
 */
async function takeOver(draft: string, path: string, before: Found): Promise<boolean> {
  const right = await take(`${path}-after-${before.owner.nonce}`);
  if (right === undefined) return false;
  try {
    const now = await lookAt(path);
    // Another one may have had the right before, and be done.
    if (now?.owner.nonce !== before.owner.nonce) return false;
    await rename(draft, path);
    return true;
  } finally {
    await right.release();
  }
}

interface Found {
  readonly owner: LockOwner;
  readonly isGone: boolean;
}

async function lookAt(path: string): Promise<Found | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    const owner = parseOwner(await readFile(path, 'utf8'));
    return { owner, isGone: isGone(owner, Date.now() - mtimeMs) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(path, error);
  }
}

async function release(path: string, text: string): Promise<void> {
  // Somebody on another machine may have given this process up for dead.
  const now = await readFile(path, 'utf8').catch(() => '');
  if (now === text) await unlink(path).catch(() => undefined);
}

const hasNoLinks = (error: unknown): boolean =>
  ['EPERM', 'ENOTSUP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '');

async function busy(path: string): Promise<AppError> {
  const found = await lookAt(path);
  const who = found === undefined ? 'others' : `process ${found.owner.pid} on ${found.owner.host}`;
  return new AppError('STORE_UNAVAILABLE', `The authority is in use by ${who}`, {
    fix: `Run it again when that is done. If nothing of the kind runs, remove ${path}.`,
    details: { file: path },
  });
}
