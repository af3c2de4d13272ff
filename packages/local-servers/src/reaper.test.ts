import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test, vi } from 'vitest';

const STARTER = join(import.meta.dirname, 'testdata/starter.ts');
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.concurrent.for([
  { how: 'is killed with SIGKILL', args: ['wait'], signal: 'SIGKILL' as const },
  { how: 'forgets to stop anything', args: [], signal: undefined },
])('nothing survives a starter that $how', { timeout: 30_000 }, async ({ args, signal }) => {
  const dir = mkdtempSync(join(tmpdir(), 'sealtrack-reaper-'));
  const starter = spawn(process.execPath, [STARTER, dir, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: starter.stdout }), 'line');
  const { pids } = JSON.parse(line) as { pids: number[] };
  if (signal === undefined) await once(starter, 'exit');
  else {
    expect(pids.map(isAlive)).toEqual([true, true]);
    starter.kill(signal);
  }
  await vi.waitUntil(() => !pids.some(isAlive) && !existsSync(dir), { timeout: 20_000, interval: 50 });
});
