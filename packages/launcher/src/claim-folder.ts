import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';

/**
 * Makes the folder this process's own until disposed: two systems on the same data would destroy it. A claim whose
 * process has gone counts for nothing. Throws CONFIG_INVALID while another process, or this one, holds it.
 */
export function claimFolder(dir: string): Disposable {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'owner.pid');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = Number(readFileSync(file, 'utf8'));
    if (isAlive(owner))
      throw new AppError('CONFIG_INVALID', `Process ${owner} runs a system in ${dir}`, {
        fix: `End that process, or use another folder. If it is no Sealtrack process, remove ${file}.`,
      });
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function isAlive(pid: number): boolean {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
