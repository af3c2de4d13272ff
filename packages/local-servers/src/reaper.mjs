/**
 * Ends what its starter began, once the starter is gone, however it went. It runs in a session of its own, so that
 * neither Ctrl-C nor a kill of the starter's process group takes it along, and learns of the end by its standard
 * input closing: the kernel does that for a process killed with SIGKILL too.
 *
 * Each line on standard input is JSON: {"op":"add"|"forget","kind":"pid"|"container"|"folder","value":…}.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 5_000;
const held = { pid: new Set(), container: new Set(), folder: new Set() };

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const { op, kind, value } = JSON.parse(line);
  if (op === 'add') held[kind].add(value);
  else held[kind].delete(value);
}

/** Whether the signal reached a process; signal 0 only asks. */
function reached(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

const pids = [...held.pid].filter((pid) => reached(pid, 'SIGTERM'));
const deadline = Date.now() + GRACE_MS;
while (pids.some((pid) => reached(pid, 0)) && Date.now() < deadline) await sleep(25);
for (const pid of pids) reached(pid, 'SIGKILL');

if (held.container.size > 0)
  spawnSync('docker', ['rm', '--force', '--volumes', ...held.container], { stdio: 'ignore' });

// A process that was just killed may still be closing files in its folder.
for (const folder of held.folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
