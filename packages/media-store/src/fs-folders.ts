import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './fs-errors.ts';

/** So many folders are remembered as durable; a forgotten one costs an fsync, nothing else. */
const REMEMBERED_FOLDERS = 4096;

export interface Folders {
  /** Makes the folder of `parts` below the root. When it resolves, every folder on the way survives a power cut. */
  ensure(parts: readonly string[]): Promise<string>;
  /** No longer takes it for granted that the folder of `parts`, and those on the way, are there. */
  forget(parts: readonly string[]): void;
  /** Makes every name added to, or removed from, a folder before this call survive a power cut. */
  sync(folder: string): Promise<void>;
}

export function createFolders(root: string): Folders {
  const durable = new Set<string>();
  const sync = shareRounds(syncFolder);

  function remember(folder: string): void {
    const [oldest] = durable;
    if (durable.size >= REMEMBERED_FOLDERS && oldest !== undefined) durable.delete(oldest);
    durable.add(folder);
  }

  async function ensure(parts: readonly string[]): Promise<string> {
    const name = parts.at(-1);
    if (name === undefined) return root;
    const folder = join(root, ...parts);
    if (durable.has(folder)) return folder;
    const parent = await ensure(parts.slice(0, -1));
    await makeFolder(folder);
    // Whoever made it: another process may have, and may not have come to its own fsync yet.
    await sync(parent);
    remember(folder);
    return folder;
  }

  return {
    ensure,
    forget(parts) {
      for (let depth = parts.length; depth > 0; depth--) durable.delete(join(root, ...parts.slice(0, depth)));
    },
    sync,
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Group commit: everyone who asks while a round runs shares the one round after it, because only a round that starts
 * later is sure to cover what they did.
 */
export function shareRounds(work: (name: string) => Promise<void>): (name: string) => Promise<void> {
  interface Round {
    readonly done: Promise<void>;
    next?: Promise<void>;
  }
  const rounds = new Map<string, Round>();

  function start(name: string): Promise<void> {
    const round: Round = { done: work(name) };
    rounds.set(name, round);
    const over = () => {
      if (rounds.get(name) === round) rounds.delete(name);
    };
    round.done.then(over, over);
    return round.done;
  }

  return (name) => {
    const running = rounds.get(name);
    if (running === undefined) return start(name);
    const startNext = () => start(name);
    running.next ??= running.done.then(startNext, startNext);
    return running.next;
  };
}
