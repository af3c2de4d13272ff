import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

type Kind = 'pid' | 'container' | 'folder';

let process_: ChildProcess | undefined;

function reaperInput(): Socket {
  if (process_ === undefined) {
    process_ = spawn(process.execPath, [fileURLToPath(new URL('./reaper.mjs', import.meta.url))], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    process_.unref();
    const input = process_.stdin as Socket;
    input.unref();
    // Without its reaper the starter still works; it only has to end what it started itself.
    process_.on('error', () => {});
    input.on('error', () => {});
  }
  return process_.stdin as Socket;
}

const tell = (op: 'add' | 'forget', kind: Kind, value: number | string): void => {
  reaperInput().write(`${JSON.stringify({ op, kind, value })}\n`);
};

/**
 * From now on the process, container or folder goes when this process does, even if that is by SIGKILL: processes
 * get SIGTERM, and SIGKILL after 5 s; folders are removed last. Forget what has gone already, because a process
 * id may be given to somebody else.
 */
export const reap = (kind: Kind, value: number | string): void => tell('add', kind, value);
export const forget = (kind: Kind, value: number | string): void => tell('forget', kind, value);
