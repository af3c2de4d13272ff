import { linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 200;
/** Far longer than it takes to look at a lock and remove it. */
const ABANDONED_GUARD_MS = 10_000;

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** Creates the file with its content in one step, so that nobody sees it without; false when there is one already. */
function createOnce(file, content) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Whether the process that wrote the lock has gone. A process of another machine or container cannot be judged. */
function isDead(owner) {
  const [pid, host] = owner.trim().split(' ');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/**
 * Removes the lock if it is still the dead process's. Only one process at a time may do so: between another's look and
 * its removal, a third could have taken the lock.
 */
function removeDead(lock, owner) {
  const guard = `${lock}.guard`;
  try {
    mkdirSync(guard);
  } catch {
    try {
      if (Date.now() - statSync(guard).mtimeMs > ABANDONED_GUARD_MS) rmdirSync(guard);
    } catch {
      // Somebody else was quicker.
    }
    return;
  }
  try {
    if (read(lock) === owner) rmSync(lock, { force: true });
  } finally {
    rmdirSync(guard);
  }
}

/**
 * Runs `work` while no other process of this machine holds the lock file. A lock whose process has died is taken over.
 * `onWait` is told once, with the holder's process id, if there is waiting to do.
 */
export async function withLock(lock, onWait, work) {
  mkdirSync(dirname(lock), { recursive: true });
  const mine = `${process.pid} ${hostname()}`;
  let waiting = false;
  while (!createOnce(lock, mine)) {
    const owner = read(lock);
    if (owner === undefined) continue;
    if (isDead(owner)) removeDead(lock, owner);
    else {
      if (!waiting) onWait(owner.split(' ')[0]);
      waiting = true;
    }
    await sleep(WAIT_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}
