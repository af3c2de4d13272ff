import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Everything by which this package changes a disk. */
const CHANGES = [
  'mkdir',
  'open',
  'writeFile',
  'rename',
  'link',
  'unlink',
  'rm',
  'rmdir',
  'copyFile',
] as const;

/** What a test's process does in place of dying. */
export class Killed extends Error {
  readonly code = 'EIO';
}

/**
 * Does something in a process that dies at its `at`-th change of the disk, counted from 0: neither that nor anything after it
 * happens, not even what would be cleaned up; a file that is being written is left half-written. Resolves to whether it
 * came so far.
 */
export async function interrupted(
  at: number,
  work: () => Promise<unknown>,
  die?: () => void,
): Promise<boolean> {
  let count = 0;
  const isDead = (): boolean => count > at;
  const step = (): void => {
    count += 1;
    if (!isDead()) return;
    die?.();
    throw new Killed('killed');
  };
  const restore = patch(step);
  try {
    await work();
    return isDead();
  } catch (error) {
    if (isDead()) return true;
    throw error;
  } finally {
    restore();
  }
}

function patch(step: () => void): () => void {
  const real = Object.fromEntries(CHANGES.map((name) => [name, fs[name]]));
  for (const name of CHANGES)
    Object.assign(fs, {
      [name]: async (...args: unknown[]) => {
        // Only opened to read it: nothing changes.
        if (name === 'open' && args[1] === 'r')
          return (real[name] as (...all: unknown[]) => unknown)(...args);
        step();
        const done = await (real[name] as (...all: unknown[]) => Promise<unknown>)(...args);
        return name === 'open' ? halfWriting(done as fs.FileHandle, step) : done;
      },
    });
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  };
}

function halfWriting(file: fs.FileHandle, step: () => void): fs.FileHandle {
  const write = file.writeFile.bind(file);
  file.writeFile = async (content, ...rest) => {
    try {
      step();
    } catch (error) {
      const bytes = Buffer.from(content as Uint8Array);
      await write(bytes.subarray(0, bytes.length / 2));
      throw error;
    }
    await write(content, ...rest);
  };
  return file;
}
