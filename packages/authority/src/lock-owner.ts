import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock, as its file says it. */
export interface LockOwner {
  readonly pid: number;
  /** When the process began, as the system counts it: pids are used again. Empty where that cannot be told. */
  readonly started: string;
  readonly host: string;
  /** This start of the system, and the space that pids are counted in: containers have their own. */
  readonly boot: string;
  readonly space: string;
  /** Different for every lock that was ever taken. */
  readonly nonce: string;
}

/** A lock that cannot be asked after is held this long at most: what is done under one takes well under a second. */
const LONGEST_MS = 60_000;

export const newOwner = (): LockOwner => ({
  pid: process.pid,
  started: startOf(process.pid) ?? '',
  host: hostname(),
  boot: tried(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
  space: tried(() => readlinkSync('/proc/self/ns/pid')) ?? '',
  nonce: randomBytes(8).toString('hex'),
});

/** What a power cut left of one is somebody's that nothing is known of. */
export function parseOwner(text: string): LockOwner {
  const read = tried((): Partial<LockOwner> => JSON.parse(text) as Partial<LockOwner>) ?? {};
  const { pid, started, host, boot, space, nonce } = read;
  return {
    pid: typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : 0,
    started: typeof started === 'string' ? started : '',
    host: typeof host === 'string' ? host : '',
    boot: typeof boot === 'string' ? boot : '',
    space: typeof space === 'string' ? space : '',
    nonce:
      typeof nonce === 'string' && /^[0-9a-f]{16}$/.test(nonce)
        ? nonce
        : createHash('sha256').update(text).digest('hex').slice(0, 16),
  };
}

/** Whether the process that took a lock is surely gone. `ageMs` is how long ago the lock was taken. */
export function isGone(owner: LockOwner, ageMs: number): boolean {
  const here = newOwner();
  if (owner.host !== here.host || owner.space !== here.space || owner.pid === 0) return ageMs > LONGEST_MS;
  if (owner.boot !== here.boot) return true;
  if (!isAlive(owner.pid)) return true;
  return owner.started !== '' && startOf(owner.pid) !== owner.started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Field 22 of proc(5)'s stat. The second one, a name in brackets, may have spaces in it. A process that has ended and that
 * nobody has asked after (Z) did not begin any more.
 */
function startOf(pid: number): string | undefined {
  const stat = tried(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === 'Z' ? undefined : fields[18];
}

function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
